/** Opening, reading and recovering runs. */
import type { Run } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import type { DialResult } from '../carriers/port/call';
import { presentRun } from './present';
import { endAsNotPlaced, endAsRefused } from './status';
import {
  findRun,
  listRunEvents,
  listUnfinishedRuns,
  markOpenDialsUnknown,
  recordDialOutcome,
  type RunRow,
  type UnfinishedRun,
} from './store';

export {
  appendRunEvents,
  findOrganizationLine,
  findRun,
  forgetCancelRequest,
  insertRun as openRun,
  listOverdueRuns,
  listRunEvents,
  listUnfinishedRuns,
  noteCancelRequest,
  postponeDeadline,
  type RunRow,
  type UnfinishedRun,
} from './store';

/** A run of this organization. @throws Problem not_found. */
export async function findOwnRun(session: Session, organizationId: number, runId: number): Promise<RunRow> {
  const run = await findRun(session, runId);
  if (run?.organization_id !== organizationId) throw new Problem('not_found', 'Workflow run not found');
  return run;
}

/** @throws Problem not_found. */
export async function readRun(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>,
  organizationId: number,
  runId: number,
): Promise<Run> {
  const session = services.storage.read;
  const run = await findOwnRun(session, organizationId, runId);
  return presentRun(services, run, await listRunEvents(session, runId));
}

/** Notes what the carrier said to the dial; a call that nobody's phone rings for ends here. */
export async function recordDial(
  services: Pick<Services, 'config' | 'clock' | 'chance'>,
  session: Session,
  runId: number,
  result: DialResult,
): Promise<void> {
  const isPlaced = result.outcome === 'placed';
  const detail = 'detail' in result ? result.detail : null;
  await recordDialOutcome(session, {
    id: runId,
    outcome: result.outcome,
    detail,
    callId: isPlaced ? result.callId : null,
    callerNumber: isPlaced ? result.callerNumber : null,
  });
  if (result.outcome === 'refused') await endAsRefused(services, session, runId, result.detail);
  if (result.outcome === 'not_sent') await endAsNotPlaced(services, session, runId, result.detail);
}

/** At start: a dial that was under way when the server stopped has an unknown outcome, and is never made again. */
export async function recoverRuns(services: Pick<Services, 'storage'>): Promise<UnfinishedRun[]> {
  return services.storage.write(async (session) => {
    await markOpenDialsUnknown(session);
    return listUnfinishedRuns(session);
  });
}
