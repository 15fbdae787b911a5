/**
 * Ends runs whose carrier no longer reports, so that a run never keeps its slot for ever. A run is overdue one minute after
 * its longest ringing and talking time. Then the carrier is asked for the status, if it can be. A call that goes on is hung
 * up; one that is still in the carrier's queue is canceled, or waits on for a day at most. While the carrier fails, or
 * does not end a call that goes on, it is asked again, for ten minutes at most. A call that another server holds is
 * followed on while that server says that it goes on, for an hour at most. A run whose end remains unknown ends as `error`.
 *
 * The clocks of this machine may be wrong about the time since a restart. So a call that is younger by its carrier's clock
 * gets the rest of its time, once.
 */
import { isCarriersFault } from '../carriers/kit/ask';
import { describeError } from '../describe-error';
import { every } from '../every';
import { forgetOldest } from '../forget-oldest';
import { Problem } from '../problem';
import { claimOverdueRuns, postponeDeadline } from '../runs/due/overdue-runs';
import { attemptOf, dialTimeOf, type UnfinishedRun } from '../runs/unfinished-runs';
import type { Worker } from '../workers/worker';
import { endAsLost } from './run-course';
import type { Services } from '../services';
import type { CarrierServices } from '../telephony/tools';
import { loadConfigurations } from '../agents/resolve-trigger';
import { longestCallSeconds } from './carrier/answering';
import { readOverdue } from './following/overdue';
import { openCallOf, type OpenCall } from '../telephony/open-call';
import type { CancelResult, CarrierCall } from '../carriers/port/call';
import { ended, type StatusReport } from '../carriers/port/report';

type Needs = CarrierServices & Pick<Services, 'chance' | 'connections'>;

const roundMilliseconds = 15_000;
/** How many runs are settled together. */
const atATime = 50;
/** Longer than two requests to a carrier. A run that is not settled by then is claimed again, by any process. */
const leaseMilliseconds = 60_000;
/** How long a run stays open beyond its deadline because its carrier fails. */
const longestFailureMilliseconds = 10 * 60_000;
const shortestPauseSeconds = 30;
const longestPauseSeconds = 60;
/** How long after its dial a run is ended although its carrier says that the call is queued. */
const longestQueueMilliseconds = 24 * 60 * 60_000;

/**
 * The overdue runs that this process has left open. If they are forgotten, or another process claims such a run, it only
 * stays open for longer.
 */
export class Postponements {
  /** Runs that got the rest of their time by their carrier's clock. */
  readonly forTime = new Map<number, true>();
  /** Since when the carrier of a run fails, by the steady clock, in milliseconds. */
  readonly forFailure = new Map<number, number>();

  forget(runId: number): void {
    this.forTime.delete(runId);
    this.forFailure.delete(runId);
  }
}

/** The limit of each list of postponements. */
const mostPostponements = 10_000;

/** The worker that ends overdue runs, every 15 seconds. */
export function watchdog(services: Needs): Worker {
  return {
    name: 'watchdog',
    role: 'worker',
    start() {
      const postponed = new Postponements();
      const failure = 'the watchdog failed; it is tried again';
      return every(services, roundMilliseconds, failure, () => endOverdueRuns(services, postponed));
    },
  };
}

/**
 * One round. Settles many runs at once, so that a carrier that hangs does not delay the calls of others.
 * @param postponed what earlier rounds have left open.
 */
export async function endOverdueRuns(services: Needs, postponed = new Postponements()): Promise<void> {
  for (;;) {
    const now = services.clock.steady();
    const leaseEnd = new Date(now.getTime() + leaseMilliseconds).toISOString();
    const overdue = await services.storage.write((session) =>
      claimOverdueRuns(session, { now: now.toISOString(), leaseEnd, limit: atATime }),
    );
    await Promise.all(overdue.map((run) => trySettle(services, { ...run, leaseEnd }, postponed)));
    if (overdue.length < atATime) return;
  }
}

/** An overdue run that this process has claimed. */
interface OverdueRun extends UnfinishedRun {
  /** By the steady clock. */
  leaseEnd: string;
}

async function trySettle(services: Needs, run: OverdueRun, postponed: Postponements): Promise<void> {
  try {
    await settle(services, run, postponed);
  } catch (error) {
    services.log.error({ runId: run.id, error: describeError(error) }, 'an overdue run could not be ended');
  }
}

async function settle(services: Needs, run: OverdueRun, postponed: Postponements): Promise<void> {
  const reason = await askCarrier(services, run, postponed);
  if (reason === null) return;
  postponed.forget(run.id);
  const { id: runId, leaseEnd } = run;
  const lostAt = services.connections.lostAtOf(run.telephony_configuration_id);
  const isEnded = await services.storage.write((session) =>
    endAsLost(services, session, { runId, leaseEnd, reason, lostAt }),
  );
  if (isEnded) services.log.warn({ runId }, 'an overdue run was ended by the watchdog');
}

/** @returns `sealed` if the credentials were stored with another SECRETS_KEY. */
async function openCall(services: CarrierServices, run: UnfinishedRun): Promise<OpenCall | 'sealed' | null> {
  try {
    return await openCallOf(services, run);
  } catch (error) {
    if (error instanceof Problem && error.kind === 'unavailable') return 'sealed';
    throw error;
  }
}

/** @returns null if the carrier's reply ended the run or postponed its end; else the reason to end it as lost. */
async function askCarrier(
  services: Needs,
  run: OverdueRun,
  postponed: Postponements,
): Promise<string | null> {
  const open = await openCall(services, run);
  if (open === 'sealed') return 'No report came from the carrier, and its stored credentials cannot be read.';
  if (open === null) return 'No report came from the carrier, and its configuration is gone.';
  if (open.call === null) return 'No report came from the carrier, and it never said which call this is.';
  const { provider, configuration, call, tools, reports } = open;
  const { follow } = provider;
  try {
    if (follow !== undefined) {
      const found = await readOverdue(services, run, call.callId, { ...open, follow });
      if (typeof found !== 'string') return found.reason;
      if (found === 'goes on') await postpone(services, run, longestPauseSeconds);
      return null;
    }
    const report = (await provider.askStatus?.(configuration, call, tools)) ?? null;
    if (report?.status === 'ended') {
      await reports.report(attemptOf(run), [report]);
      return null;
    }
    if (await hasTimeLeft(services, run, report, postponed)) return null;
    if (report?.status === 'initiated') return await leaveQueue(services, run, { ...open, call });
    // The call goes on at the carrier, and nothing else would ever hang it up.
    const underWay =
      report === null || report.status === 'unknown' ? call : { ...call, status: report.status };
    const ended = await provider.cancel?.(configuration, underWay, tools, reports);
    if (ended?.outcome === 'accepted') {
      return 'The call outlived its maximum duration and was ended at the carrier.';
    }
    const goesOn = report?.status === 'answered' || report?.status === 'ringing';
    if (goesOn && ended?.outcome === 'refused' && (await isLeftOpen(services, run, postponed))) return null;
  } catch (error) {
    services.log.warn(
      { runId: run.id, error: describeError(error) },
      'an overdue call could not be settled; it is tried again for ten minutes',
    );
    if (await isLeftOpen(services, run, postponed)) return null;
    if (!isCarriersFault(error)) return 'What the carrier says about the call could not be stored.';
  }
  return 'No report came from the carrier within the maximum duration of the call.';
}

/**
 * The call may go on: its run would free the slot, and its caller would call again. So the run stays open while its
 * carrier fails, unless that lasts too long. Postpones the deadline in that case.
 */
async function isLeftOpen(
  services: Pick<Services, 'storage' | 'clock' | 'chance'>,
  run: OverdueRun,
  { forFailure }: Postponements,
): Promise<boolean> {
  const now = services.clock.steady().getTime();
  const since = forFailure.get(run.id) ?? now;
  if (now - since >= longestFailureMilliseconds) return false;
  forFailure.set(run.id, since);
  forgetOldest(forFailure, mostPostponements);
  await postpone(services, run, services.chance.integer(shortestPauseSeconds, longestPauseSeconds));
  return true;
}

/**
 * A call that the carrier has not started yet is canceled there. If it cannot be canceled, it waits on.
 * @returns as `askCarrier`.
 */
async function leaveQueue(
  services: Pick<Services, 'storage' | 'clock' | 'log'>,
  run: OverdueRun,
  { provider, configuration, call, tools, reports }: OpenCall & { call: CarrierCall },
): Promise<string | null> {
  let result: CancelResult | undefined;
  try {
    result = await provider.cancel?.(configuration, call, tools, reports);
  } catch (error) {
    services.log.warn(
      { runId: run.id, error: describeError(error) },
      'a carrier did not answer to a cancellation',
    );
  }
  if (result?.outcome === 'accepted') {
    const error =
      'The call was still in the queue of the carrier when its time was over, and was canceled there.';
    await reports.report(attemptOf(run), [{ ...ended('canceled'), rawStatus: 'queued', error }]);
    return null;
  }
  if (result?.outcome === 'gone') {
    return 'The carrier said that the call was in its queue, and when it was to cancel it, that it knows no such call.';
  }
  const left = Date.parse(dialTimeOf(run)) + longestQueueMilliseconds - services.clock.now().getTime();
  if (left <= 0) {
    return 'The call was still in the queue of the carrier after 24 hours, and could not be canceled there.';
  }
  const longest = longestCallSeconds(await loadConfigurations(services.storage.read, run.definition_id));
  await postpone(services, run, Math.min(longest, left / 1000));
  services.log.warn(
    { runId: run.id },
    'an overdue call waits in the queue of its carrier, which does not cancel it',
  );
  return null;
}

/** Whether the call is younger by its carrier's clock than by ours. If so, postpones the deadline by the time left. */
async function hasTimeLeft(
  services: Pick<Services, 'storage' | 'clock' | 'log'>,
  run: OverdueRun,
  report: StatusReport | null,
  postponed: Postponements,
): Promise<boolean> {
  if (report?.runningSeconds === undefined || postponed.forTime.has(run.id)) return false;
  const configurations = await loadConfigurations(services.storage.read, run.definition_id);
  const seconds = longestCallSeconds(configurations) - report.runningSeconds;
  if (seconds <= 0) return false;
  await postpone(services, run, seconds);
  postponed.forTime.set(run.id, true);
  forgetOldest(postponed.forTime, mostPostponements);
  services.log.warn(
    { runId: run.id, seconds: Math.round(seconds) },
    'an overdue call has time left at its carrier',
  );
  return true;
}

async function postpone(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  { id, leaseEnd }: OverdueRun,
  seconds: number,
): Promise<void> {
  const deadlineAt = new Date(clock.steady().getTime() + seconds * 1000).toISOString();
  await storage.write((session) => postponeDeadline(session, { id, leaseEnd, deadlineAt }));
}
