/** Reading runs. */
import type { Run } from '@dograh-trigger/shared';
import { findApiKeyName } from '../accounts/api-keys';
import { limitedToCallsOf } from '../http/access/key-scope';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { listAttempts } from './attempts/attempts';
import { presentRun } from './present';
import { listRunEvents } from './run-log';
import { runQuery, type RunRow } from './store';

export type { RunRow } from './store';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>;

export function findRun(session: Session, id: number): Promise<RunRow | undefined> {
  return runQuery.first(session, { id });
}

/** A run of this organization. @throws Problem not_found. */
export async function findOwnRun(session: Session, organizationId: number, runId: number): Promise<RunRow> {
  const run = await findRun(session, runId);
  if (run?.organization_id !== organizationId) throw runNotFound();
  return run;
}

function runNotFound(): Problem {
  return new Problem('not_found', 'Workflow run not found');
}

/** A run that the caller may see: a key with the scope `trigger` sees only its own. @throws Problem not_found. */
export async function findVisibleRun(session: Session, identity: Identity, runId: number): Promise<RunRow> {
  const run = await findOwnRun(session, identity.organizationId, runId);
  const key = limitedToCallsOf(identity);
  if (key !== null && run.api_key_id !== key) throw runNotFound();
  return run;
}

/** A run as the caller may see it. @throws Problem not_found. */
export async function readRun(services: Needs, identity: Identity, runId: number): Promise<Run> {
  return present(services, await findVisibleRun(services.storage.read, identity, runId));
}

/** A run of this organization, for its events. @throws Problem not_found. */
export async function readOwnRun(services: Needs, organizationId: number, runId: number): Promise<Run> {
  return present(services, await findOwnRun(services.storage.read, organizationId, runId));
}

async function present(services: Needs, run: RunRow): Promise<Run> {
  const session = services.storage.read;
  const { id: runId, api_key_id: keyId } = run;
  const api_key_name = keyId === null ? null : await findApiKeyName(session, keyId);
  const details = { events: await listRunEvents(session, runId), attempts: await listAttempts(session, run) };
  return presentRun(services, { ...run, api_key_name }, details);
}
