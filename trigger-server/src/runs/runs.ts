/** Reading runs. */
import type { Run } from '@dograh-trigger/shared';
import { findApiKeyName } from '../accounts/api-keys';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { presentRun } from './present';
import { listRunEvents } from './run-log';
import { runQuery, type RunRow } from './store';

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
  const { api_key_id: keyId } = run;
  const api_key_name = keyId === null ? null : await findApiKeyName(session, keyId);
  return presentRun(services, { ...run, api_key_name }, await listRunEvents(session, runId));
}
