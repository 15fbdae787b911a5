/** Tests a receiver: signs and sends one event about an example run at once, and returns the outcome. */
import type {
  CallAnsweredEvent,
  CallArtifactsReadyEvent,
  CallAttemptEndedEvent,
  CallCompletedEvent,
  HookTest,
  JsonObject,
  RunAttempt,
  WebhookEvent,
} from '@dograh-trigger/shared';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import { presentRun, type ShownRun } from '../../runs/present';
import type { Services } from '../../services';
import { attempt } from '../deliveries/send';
import { noteTest } from '../subscription-store';
import { requireVisibleHook } from './subscriptions';

/** An organization may send one test per this many seconds, whatever its outcome. */
const pauseSeconds = 5;

/**
 * Sends a test event to a subscription: `call.completed` if it subscribes to that, otherwise its first event. It is sent once, without retries,
 * and never unsubscribes. The reply says what the receiver answered.
 * @throws Problem not_found; busy with Retry-After within 5 seconds of the organization's last test.
 */
export async function testHook(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'carrier' | 'log'>,
  identity: Identity,
  hookId: number,
): Promise<HookTest> {
  const { organizationId } = identity;
  const { clock, chance, storage, log } = services;
  const startedAt = clock.now();
  const hook = await storage.write(async (session) => {
    const found = await requireVisibleHook(session, identity, hookId);
    const lastBefore = new Date(startedAt.getTime() - pauseSeconds * 1000).toISOString();
    if (!(await noteTest(session, { organizationId, at: startedAt.toISOString(), lastBefore }))) {
      throw new Problem(
        'busy',
        `A test event was sent less than ${pauseSeconds} seconds ago. Try again in a moment.`,
        { headers: { 'Retry-After': String(pauseSeconds) } },
      );
    }
    return found;
  });
  const event =
    hook.events.find((type) => type === 'call.completed') ?? hook.events[0] ?? 'call.artifacts_ready';
  const id = chance.uuid();
  const body = JSON.stringify(exampleEvent(services, event, startedAt));
  const outcome = await attempt(services, id, startedAt, () =>
    Promise.resolve({
      organizationId,
      id,
      runId: exampleRunId,
      attempt: 1,
      method: 'POST',
      url: hook.target_url,
      headers: {},
      credential: {},
      body,
      signingKeyId: hook.api_key_id,
      trace: {},
    }),
  );
  log.info({ hook: hookId, delivery: id, status: outcome.statusCode }, 'a test event was sent');
  return {
    id,
    event,
    started_at: startedAt.toISOString(),
    duration_milliseconds: clock.now().getTime() - startedAt.getTime(),
    status_code: outcome.statusCode,
    error: outcome.error,
    response: outcome.response,
  };
}

/** No real run has this id. */
const exampleRunId = 0;

function exampleEvent(
  services: Pick<Services, 'config' | 'clock' | 'secrets'>,
  type: WebhookEvent,
  at: Date,
): CallAnsweredEvent | CallCompletedEvent | CallArtifactsReadyEvent | CallAttemptEndedEvent {
  const run = exampleRun(at);
  const attempt = exampleAttempt(run);
  const data = presentRun(services, run, { events: [], attempts: [attempt] });
  const event = { timestamp: at.toISOString(), test: true, data } as const;
  return type === 'call.attempt_ended' ? { type, ...event, attempt } : { type, ...event };
}

function exampleAttempt(run: ShownRun): RunAttempt {
  return {
    number: run.attempt,
    call_id: run.provider_call_id,
    status: run.status,
    disposition: run.disposition,
    reason: run.reason,
    started_at: run.created_at,
    ended_at: run.completed_at,
  };
}

/** An example run of the sandbox with ten seconds of talk. Its visible fields say that nobody was called. */
function exampleRun(at: Date): ShownRun {
  const phoneNumber = '+14155550100';
  const context: JsonObject = {
    provider: 'sandbox',
    direction: 'outbound',
    phone_number: phoneNumber,
    trigger_mode: 'test',
    called_number: phoneNumber,
    user: { name: 'Jane' },
  };
  const seconds = 10;
  const before = (earlierSeconds: number) => new Date(at.getTime() - earlierSeconds * 1000).toISOString();
  return {
    id: exampleRunId,
    agent_id: 0,
    definition_id: 0,
    name: 'Test event: nobody was called',
    mode: 'sandbox',
    trigger_path: null,
    source: null,
    api_key_id: null,
    api_key_name: null,
    erased_at: null,
    due_at: null,
    waiting_for: null,
    campaign_id: null,
    expires_at: null,
    attempt: 1,
    reference: null,
    metadata: null,
    reported_usage: null,
    status: 'completed',
    disposition: 'user_hangup',
    reason: null,
    called_number: phoneNumber,
    caller_number: null,
    voicemail: null,
    message_state: null,
    fallback_from: null,
    ignored_fields: null,
    unresolved_variables: null,
    provider_call_id: 'sandbox-0',
    dial_outcome: 'placed',
    dial_detail: null,
    call_duration_seconds: seconds,
    initial_context: JSON.stringify(context),
    gathered_context: '{}',
    created_at: before(seconds + 5),
    answered_at: before(seconds),
    completed_at: at.toISOString(),
    has_transcript: 0,
    recording_key: null,
    artifacts_ready_at: at.toISOString(),
  };
}
