/** Changes a queued call, until it is placed. */
import type { QueuedCallChanges, Run, ScheduleFields } from '@dograh-trigger/shared';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import { changeQueued } from '../../runs/queued/queued-runs';
import { findVisibleRun, readRun, type RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import { keepKeyWhileWaiting } from '../idempotency';
import { parseDestination } from '../policy/destination';
import { changePlan, findPlan } from '../waiting/plan';
import { scheduleOf, type Schedule } from '../waiting/schedule';
import { waitBeforeDial } from './wait';

/**
 * What the changes leave out stays.
 * @throws Problem not_found; unprocessable for an instant that no call can keep; conflict once it has left the queue.
 */
export async function changeQueuedCall(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets' | 'queueAlarm'>,
  identity: Identity,
  runId: number,
  changes: QueuedCallChanges,
): Promise<Run> {
  const { storage, clock } = services;
  const run = await findVisibleRun(storage.read, identity, runId);
  const plan = await findPlan(storage.read, runId);
  if (run.due_at === null || plan === null) throw notQueued();
  const schedule = scheduleOf(services, { ...fieldsOf(plan.schedule), ...changes });
  // The pause before another attempt stays.
  const isFirst = run.attempt === 1 || changes.not_before != null;
  const now = new Date(Math.max(clock.now().getTime(), isFirst ? 0 : Date.parse(run.due_at)));
  const { organizationId } = identity;
  const destination = parseDestination(run.called_number);
  const wait = (await waitBeforeDial(services, { organizationId, destination, schedule, now })) ?? {
    dueAt: now,
    waitingFor: now > clock.now() ? ('time' as const) : ('slot' as const),
  };
  const isChanged = await storage.write(async (session) => {
    // Whoever takes the call holds the same lock, and looks at the revision of the plan.
    await session.lock('organization', organizationId);
    const current = await findPlan(session, runId);
    if (current?.revision !== plan.revision) return false;
    const labels = labelsOf(run, changes);
    const values = { id: runId, ...wait, dueAt: wait.dueAt.toISOString(), expiresAt: schedule.notAfter };
    if (!(await changeQueued(session, { ...values, ...labels }))) return false;
    await changePlan(session, runId, { request: plan.request, schedule });
    await keepKeyWhileWaiting(services, session, runId, schedule);
    return true;
  });
  if (!isChanged) throw notQueued();
  services.queueAlarm.ringIn(wait.dueAt.getTime() - clock.now().getTime());
  return readRun(services, identity, runId);
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
