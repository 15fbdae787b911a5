/** Changes a queued call, until it is placed. */
import type { QueuedCallChanges, Run, ScheduleFields } from '@dograh-trigger/shared';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import { changeQueued, type Wait } from '../../runs/queued/queued-runs';
import { findRun, findVisibleRun, readRun, type RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import { keepKeyWhileWaiting } from '../idempotency';
import { parseDestination } from '../policy/destination';
import { changePlan, findPlan } from '../waiting/plan';
import { assertOneCallerId, scheduleOf, type Schedule } from '../waiting/schedule';
import { waitBeforeDial } from './wait';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'secrets' | 'queueAlarm'>;

/**
 * What the changes leave out stays, also its place in the queue: only another time moves it.
 * @throws Problem not_found; unprocessable for an instant that no call can keep; conflict once it has left the queue.
 */
export async function changeQueuedCall(
  services: Needs,
  identity: Identity,
  runId: number,
  changes: QueuedCallChanges,
): Promise<Run> {
  for (;;) {
    const outcome = await tryChange(services, identity, runId, changes);
    if (outcome === 'changed') return readRun(services, identity, runId);
    if (outcome === 'not_queued') throw notQueued();
  }
}

/** @returns `outdated` if another request has changed it meanwhile. */
async function tryChange(
  services: Needs,
  identity: Identity,
  runId: number,
  changes: QueuedCallChanges,
): Promise<'changed' | 'outdated' | 'not_queued'> {
  const { storage, clock } = services;
  const run = await findVisibleRun(storage.read, identity, runId);
  const plan = await findPlan(storage.read, runId);
  if (run.due_at === null || plan === null) return 'not_queued';
  const schedule = scheduleOf(services, { ...fieldsOf(plan.schedule), ...changes });
  assertOneCallerId(schedule.retry, plan.request.from_phone_number_id);
  // The pause before another attempt stays.
  const isFirst = run.attempt === 1 || changes.not_before != null;
  const earliest = new Date(Math.max(clock.now().getTime(), isFirst ? 0 : Date.parse(run.due_at)));
  const { organizationId } = identity;
  const destination = parseDestination(run.called_number);
  const planned = await waitBeforeDial(services, {
    organizationId,
    destination,
    schedule,
    now: earliest,
  });
  let dueAt = earliest;
  const outcome = await storage.write(async (session) => {
    // Whoever takes the call holds the first lock, whoever ends it the second one.
    await session.lock('organization', organizationId);
    await session.lock('run', runId);
    const current = await findRun(session, runId);
    if (current === undefined || current.due_at === null) return 'not_queued';
    if ((await findPlan(session, runId))?.revision !== plan.revision) return 'outdated';
    const wait = waitAfter(changes, current, planned, earliest);
    dueAt = wait.dueAt;
    await changeQueued(session, {
      id: runId,
      dueAt: dueAt.toISOString(),
      waitingFor: wait.waitingFor,
      expiresAt: schedule.notAfter,
      ...labelsOf(current, changes),
    });
    await changePlan(session, runId, { request: plan.request, schedule });
    await keepKeyWhileWaiting(services, session, runId, schedule);
    return 'changed';
  });
  if (outcome === 'changed') services.queueAlarm.ringIn(dueAt.getTime() - clock.now().getTime());
  return outcome;
}

/** @param planned null: by its time, it may be dialled from the earliest instant on. */
function waitAfter(
  changes: QueuedCallChanges,
  { due_at: dueAt, waiting_for: waitingFor }: RunRow,
  planned: Wait | null,
  earliest: Date,
): Wait {
  const before = { dueAt: dueAt === null ? earliest : new Date(dueAt), waitingFor: waitingFor ?? 'slot' };
  const isOfAnotherTime = [changes.not_before, changes.outside_hours, changes.time_zone].some(
    (change) => change !== undefined,
  );
  if (!isOfAnotherTime) return before;
  if (planned !== null) return planned;
  return before.dueAt <= earliest ? before : { dueAt: earliest, waitingFor: 'slot' };
}

function notQueued(): Problem {
  return new Problem(
    'conflict',
    'The call is no longer queued, so nothing was changed. Read the run to see what came of it.',
    { code: 'not_queued' },
  );
}

/** The fields of a request with this schedule. */
function fieldsOf(schedule: Schedule): ScheduleFields {
  return {
    not_before: schedule.notBefore,
    not_after: schedule.notAfter,
    when_busy: schedule.whenBusy,
    outside_hours: schedule.outsideHours,
    time_zone: schedule.timeZone,
    pin_version: schedule.pinsVersion,
    retry: schedule.retry ?? null,
  };
}

function labelsOf(run: RunRow, { reference, metadata }: QueuedCallChanges) {
  return {
    reference: reference === undefined ? run.reference : reference,
    metadata: metadata === undefined ? run.metadata : metadata === null ? null : JSON.stringify(metadata),
  };
}
