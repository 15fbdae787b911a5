/** Reads the event that a server posts to a Zap at the end of a call. */
import {
  callCompletedEvent,
  verifyWebhook,
  withAbsoluteLinks,
  type Run,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { Bundle } from 'zapier-platform-core';

/**
 * The run of the event. If the event is signed with the subscription's secret, it is the run in the event.
 * Otherwise the secret may have been rotated or the event forged, and the run is read from the server. Null for
 * another or a test event, and for a call that has not ended.
 *
 * @throws TriggerError
 */
export async function readCallEvent(
  client: TriggerClient,
  { rawRequest = {}, subscribeData }: Pick<Bundle, 'rawRequest' | 'subscribeData'>,
  now: Date,
): Promise<Run | null> {
  const body = rawRequest.content ?? '';
  const event = callCompletedEvent.safeParse(parseJson(body));
  if (!event.success || event.data.test === true) return null;
  const headers = plainHeaders(rawRequest.headers ?? {});
  const { secret } = { secret: undefined, ...subscribeData };
  const { data: run } = event.data;
  if (typeof secret === 'string' && verifyWebhook(secret, { headers, body, now }).ok) {
    return withAbsoluteLinks(run, client.baseUrl);
  }
  const current = await client.getRun(run.id);
  return current.is_completed ? current : null;
}

/** Zapier prefixes the names of a webhook's headers with `Http-`. */
function plainHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace(/^http-/i, ''), value]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Text that is not JSON is not an event.
    return undefined;
  }
}
