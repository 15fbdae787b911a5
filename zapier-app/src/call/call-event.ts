/** Reads the event that a server posts to a Zap. */
import {
  callEvent,
  verifyWebhook,
  withAbsoluteLinks,
  type Run,
  type RunAttempt,
  type TriggerClient,
  type WebhookEvent,
} from '@dograh-trigger/shared';
import type { Bundle } from 'zapier-platform-core';

export interface CallEvent {
  type: WebhookEvent;
  run: Run;
  /** The attempt that has ended; null for other events. */
  attempt: RunAttempt | null;
}

/**
 * Reads the event. If it is signed with the subscription's secret, its run is the one in the event. Otherwise the secret
 * may have been rotated or the event forged, and the run is read from the server. Null for another or a test event, and
 * for one that the server's run does not confirm.
 *
 * @throws TriggerError
 */
export async function readCallEvent(
  client: TriggerClient,
  { rawRequest = {}, subscribeData }: Pick<Bundle, 'rawRequest' | 'subscribeData'>,
  now: Date,
): Promise<CallEvent | null> {
  const body = rawRequest.content ?? '';
  const parsed = callEvent.safeParse(parseJson(body));
  if (!parsed.success || parsed.data.test === true) return null;
  const event = parsed.data;
  const headers = plainHeaders(rawRequest.headers ?? {});
  const { secret } = { secret: undefined, ...subscribeData };
  const isSigned = typeof secret === 'string' && verifyWebhook(secret, { headers, body, now }).ok;
  const run = isSigned ? withAbsoluteLinks(event.data, client.baseUrl) : await client.getRun(event.data.id);
  if (event.type === 'call.answered')
    return run.answered_at == null ? null : { type: event.type, run, attempt: null };
  if (event.type !== 'call.attempt_ended') {
    return run.is_completed ? { type: event.type, run, attempt: null } : null;
  }
  const { number } = event.attempt;
  const attempt = isSigned ? event.attempt : run.attempts?.find((known) => known.number === number);
  return attempt?.ended_at ? { type: event.type, run, attempt } : null;
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
