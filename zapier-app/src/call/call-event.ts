/** What a server posts to a Zap at the end of a call. */
import {
  callCompletedEvent,
  verifyWebhook,
  withAbsoluteLinks,
  type Run,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { Bundle } from 'zapier-platform-core';

/**
 * The run that the event is about: as the event has it when the subscription's secret proves where it comes from, or
 * else (a secret that was changed since, or somebody else's post) as the server has it. Null when there is nothing
 * to tell: no such event, a test event, or a call that goes on.
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

/** Zapier puts `Http-` before the names of a webhook's headers. */
function plainHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace(/^http-/i, ''), value]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is no event, like any other text.
    return undefined;
  }
}
