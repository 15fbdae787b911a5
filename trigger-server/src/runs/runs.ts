/** Reading runs, and noting what came of their dials. */
import type { Run } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import type { DialResult } from '../carriers/port/call';
import { presentRun } from './present';
import { endAsNotPlaced, endAsRefused } from './status';
import { listRunEvents } from './run-log';
import { recordDialOutcome, runQuery, type RunRow } from './store';

export type { RunRow } from './store';

export function findRun(session: Session, id: number): Promise<RunRow | undefined> {
  return runQuery.first(session, { id });
}

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
