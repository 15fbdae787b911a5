/** Queues a call again whose attempt reached nobody, in the transaction that ends the attempt. */
import { findCallLimits } from '../../accounts/organizations';
import { loadConfigurations } from '../../agents/resolve-trigger';
import { freezeSpeech } from '../../artifacts/heard';
import { dropRecording } from '../../artifacts/removal/removal';
import { Problem } from '../../problem';
import { queueNextAttempt } from '../../runs/attempts/attempts';
import type { Wait } from '../../runs/queued/queued-runs';
import type { RunState } from '../../runs/run-state';
import { findRun, type RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { keepKeyWhileWaiting } from '../idempotency';
import { parseDestination } from '../policy/destination';
import { parsePolicy } from '../policy/destination-policy';
import { openingAt } from '../policy/opening-now';
import { findPlan } from '../waiting/plan';
import { mayBeFollowed, planAttempt } from './plan-attempt';
import { retryOf } from './settings';

type Needs = Pick<Services, 'config' | 'clock'>;

/**
 * @param ended the state of the run as this attempt leaves it, which is not stored yet. Its lock is held.
 * @returns whether the run is queued again, so that it has not ended.
 */
export async function redial(services: Needs, session: Session, ended: RunState): Promise<boolean> {
  if (ended.has_plan === 0 || ended.completed_at === null) return false;
  if (!mayBeFollowed({ ...ended, number: ended.attempt })) return false;
  const run = await findRun(session, ended.id);
  if (run === undefined) return false;
  const wait = await nextAttempt(services, session, run, ended);
  if (wait === null) return false;
  await freezeSpeech(session, ended);
  await dropRecording(services, session, run);
  await queueNextAttempt(session, run, ended, wait);
  // Until the last attempt, a repeat of the request must find this run.
  await keepKeyWhileWaiting(services, session, run.id, {
    notBefore: wait.dueAt.toISOString(),
    notAfter: null,
  });
  return true;
}

async function nextAttempt(
  services: Needs,
  session: Session,
  run: RunRow,
  ended: RunState,
): Promise<Wait | null> {
  const plan = await findPlan(session, run.id);
  if (plan === null) return null;
  const { schedule } = plan;
  const retry = retryOf(services, schedule, await loadConfigurations(session, run.definition_id));
  if (retry === null) return null;
  const limits = await findCallLimits(session, run.organization_id);
  const destination = parseDestination(run.called_number);
  const { timeZone } = schedule;
  const notAfter = schedule.notAfter === null ? null : new Date(schedule.notAfter);
  const attempt = { ...ended, number: ended.attempt };
  const wait = planAttempt(retry, attempt, services.clock.now(), parsePolicy(limits.policy), {
    destination,
    timeZone,
    notAfter,
  });
  if (wait === null) return null;
  const order = { identity: { organizationId: run.organization_id }, schedule: { timeZone } };
  try {
    return (await openingAt(session, limits, { order, destination }, wait.dueAt)).open ? wait : null;
  } catch (error) {
    // The number must not be called any more.
    if (error instanceof Problem) return null;
    throw error;
  }
}
