/** Dials a recorded run, once, and records the outcome. */
import { describeError } from '../describe-error';
import { retryLater } from '../retry-later';
import type { RecordableOutcome } from '../runs/run-state';
import { findRun, type RunRow } from '../runs/runs';
import { firstFollowUp, recordDial } from './run-course';
import type { Services } from '../services';
import type { WriteSession } from '../storage/port';
import { answeredCallOf } from './carrier/answering';
import { openingUrls } from './carrier/callback-urls';
import type { CarrierServices } from '../telephony/tools';
import type { OutboundRoute } from '../telephony/outbound-route';
import type { DialResult, OutboundCall } from '../carriers/port/call';
import { callName, type CallAttempt } from '../carriers/port/call-name';
import type { Instruction } from '../carriers/port/instructions';
import { firstPause } from './questions/pause';
import { takeBackFromLimit } from './policy/destination-policy';
import { takeBackNumberCall } from './policy/number-limit/number-limit';
import { deleteKeysOf } from './idempotency';

const unrecorded = 'the outcome of a dial could not be written; it is tried again';

/**
 * How long after its request a dial may begin. A process that was paused for longer may be taken for gone: another one
 * then asks the carrier about the call, and may end its run.
 */
const longestDelayMilliseconds = 15_000;

/**
 * The request of a run. @property recordedAt when it was counted towards the daily limit of the key. @property
 * planRevision as of `recordDial`.
 */
interface RecordedRequest extends CallAttempt {
  recordedAt: Date;
  apiKeyId: number | null;
  planRevision: number | null;
}

/** A run to dial. */
export type RecordedCall = RecordedRequest &
  Pick<OutboundCall, 'to' | 'ringTimeoutSeconds' | 'maxCallDurationSeconds' | 'record' | 'voicemail'> & {
    /** When its request was to be recorded, by the steady clock. */
    begunAt: Date;
    /** From this instant on it must not be dialled any more, by the wall clock; null: there is none. */
    notAfter: string | null;
  };

/** @returns the outcome for the reply: `unknown` if the real one could not be recorded. */
export async function dialRun(
  services: CarrierServices &
    Pick<Services, 'chance' | 'followUpAlarm' | 'followingAlarm' | 'metrics' | 'ownDials'>,
  call: RecordedCall,
  route: OutboundRoute,
): Promise<DialResult> {
  const startedAt = performance.now();
  const result = await dial(services, call, route);
  services.metrics.dials.observe(
    { carrier: route.providerName, outcome: result.outcome },
    (performance.now() - startedAt) / 1000,
  );
  const reply = await recordOutcome(services, call, result);
  if (route.provider.follow !== undefined && result.outcome === 'placed') services.followingAlarm.ringIn(0);
  return reply;
}

function asRefusal({ detail }: RecordableOutcome & { outcome: 'not_sent' }) {
  return { outcome: 'refused', detail } as const;
}

async function dial(
  services: CarrierServices & Pick<Services, 'chance'>,
  call: RecordedCall,
  route: OutboundRoute,
): Promise<DialResult> {
  const { runId, attempt } = call;
  const reason = whyTooLate(services, call);
  if (reason !== null) {
    services.log.warn({ runId, reason }, 'a call was not dialled, because it was too late');
    return { outcome: 'not_sent', detail: reason, code: 'unavailable', retryAfterSeconds: 1 };
  }
  try {
    const result = await route.provider.placeCall(
      route.configuration,
      {
        runId,
        attempt,
        configurationId: route.configurationId,
        to: call.to,
        from: route.callerNumber,
        ringTimeoutSeconds: call.ringTimeoutSeconds,
        maxCallDurationSeconds: call.maxCallDurationSeconds,
        record: call.record,
        voicemail: call.voicemail,
        loadInstructions: () => instructionsOf(services, runId),
        whyTooLate: () => whyTooLate(services, call),
        callbackUrl: openingUrls(services, {
          provider: route.providerName,
          configurationId: route.configurationId,
          runId,
          attempt,
        }),
        reports: services.callReports(route.providerName),
      },
      route.tools,
    );
    return withFollowUp(services, route, result);
  } catch (error) {
    // The provider may have dialled before it failed.
    services.log.error({ runId, error: describeError(error) }, 'a dial failed unexpectedly');
    return withFollowUp(services, route, { outcome: 'unknown' });
  }
}

/** @returns why a call must not be dialled any more, in words; null if it may. */
function whyTooLate(
  { clock }: Pick<Services, 'clock'>,
  { begunAt, notAfter }: Pick<RecordedCall, 'begunAt' | 'notAfter'>,
): string | null {
  if (clock.steady().getTime() - begunAt.getTime() > longestDelayMilliseconds) {
    return 'the server was held up before it could dial, so nobody was called';
  }
  if (notAfter === null || notAfter > clock.now().toISOString()) return null;
  return 'not_after passed before the call could be dialled, so nobody was called';
}

/** Plans a follow-up of a call that may be under way, in case the carrier reports nothing. */
function withFollowUp(
  services: Pick<Services, 'chance'>,
  { providerName }: OutboundRoute,
  result: DialResult,
): DialResult {
  const { outcome } = result;
  const mayRing = outcome === 'placed' || outcome === 'unknown';
  if (!mayRing || firstFollowUp(result) !== null) return result;
  const followUpMilliseconds = firstPause(services, providerName, outcome);
  return followUpMilliseconds === null ? result : { ...result, followUpMilliseconds };
}

/** Read from the stored run, as when a carrier requests them later. */
async function instructionsOf(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets' | 'hasModel'>,
  runId: number,
): Promise<readonly Instruction[]> {
  const session = services.storage.read;
  const run = await findRun(session, runId);
  if (run === undefined) throw new Error(`There is no run ${String(runId)}`);
  return (await answeredCallOf(services, session, run)).instructions;
}

/**
 * If the outcome cannot be written, the reply says that a call may have been placed, and the write is retried until it
 * succeeds: the run frees its slot and answers repeats of the request.
 */
async function recordOutcome(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'log' | 'followUpAlarm' | 'ownDials'>,
  call: RecordedCall,
  result: DialResult,
): Promise<DialResult> {
  const { runId } = call;
  // Plain Dograh has no `not_sent`: a dial that certainly failed is a refusal, with its event and without `Retry-After`.
  const isPlain = services.config.extensions.size === 0;
  const reply = isPlain && result.outcome === 'not_sent' ? asRefusal(result) : result;
  let told: Told = reply.outcome === 'refused' ? 'refused' : 'outcome';
  const record = async () => {
    await services.storage.write((session) => writeOutcome(services, session, call, result, told));
    services.ownDials.remove(callName(call));
    const wait = firstFollowUp(result);
    if (wait !== null) services.followUpAlarm.ringIn(wait);
  };
  try {
    await record();
    return reply;
  } catch (error) {
    services.log.error({ runId, error: describeError(error) }, unrecorded);
    told = 'unknown';
    retryLater(services, unrecorded, record);
    return { outcome: 'unknown' };
  }
}

/** What the caller of a run is told of its dial: its outcome, a refusal in its place, or that it may have been placed. */
type Told = 'outcome' | 'refused' | 'unknown';

/** A dial that called nobody gives back its place in the limits, also where it is recorded as refused. */
async function writeOutcome(
  services: Pick<Services, 'config' | 'clock' | 'chance'>,
  session: WriteSession,
  request: RecordedRequest,
  result: RecordableOutcome,
  told: Told,
): Promise<void> {
  const { runId, planRevision, apiKeyId, recordedAt } = request;
  if (result.outcome !== 'not_sent') {
    await recordDial(services, session, request, result, planRevision);
    return;
  }
  await session.lock('run', runId);
  const before = await findRun(session, runId);
  const isRefusal = told === 'refused' || isEndAwaited(before, request, told);
  const recorded = isRefusal ? asRefusal(result) : result;
  const after = await recordDial(services, session, request, recorded, planRevision);
  if (after === 'outdated' || after === 'late') return;
  // Its caller will retry.
  if (after === 'recorded' && !isRefusal) await deleteKeysOf(session, [runId]);
  // The write is repeated where its reply was lost.
  if (before?.attempt === request.attempt && isWithoutCall(before)) return;
  await takeBackFromLimit(session, apiKeyId, recordedAt);
  await takeBackNumberCall(session, runId);
}

/** Whether it is recorded that the dial of this attempt called nobody. */
function isWithoutCall({ dial_outcome: outcome }: RunRow): boolean {
  return outcome === 'not_sent' || outcome === 'refused';
}

/**
 * Whether the caller of a run that was not dialled was told that it may have been: by this process, or by one that took
 * it for gone. The caller then waits for the end of the run, and its key stays with the run.
 */
function isEndAwaited(run: RunRow | undefined, { attempt }: CallAttempt, told: Told): boolean {
  // A call that waits, waits on.
  if (run?.attempt !== attempt || attempt > 1 || run.is_scheduled === 1) return false;
  return told === 'unknown' || run.dial_outcome === 'unknown';
}

/** Ends a run that was recorded and then not dialled, because the reply of the database was lost. Its caller got a 503. */
export async function recordNotDialled(
  services: Pick<Services, 'config' | 'clock' | 'chance'>,
  session: WriteSession,
  run: RunRow,
): Promise<void> {
  const { id: runId, attempt, api_key_id: apiKeyId } = run;
  const recordedAt = new Date(run.dialled_at ?? run.created_at);
  const request = { runId, attempt, recordedAt, apiKeyId, planRevision: null };
  const detail = 'The database did not answer in time, so nobody was called.';
  await writeOutcome(services, session, request, { outcome: 'not_sent', detail }, 'outcome');
}
