/** Dispositions: the built-in ones, and further ones that are stored when a call first ends with them. */
import { builtInDispositionCodes, endTaskReasonCodes, type DispositionCodes } from '@dograh-trigger/shared';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { insertDispositionCode, listDispositionCodes } from './disposition-store';

/** The dispositions that the organization's calls can be filtered by. */
export async function readDispositionCodes(
  services: Pick<Services, 'storage'>,
  organizationId: number,
): Promise<DispositionCodes> {
  const own = await listDispositionCodes(services.storage.read, organizationId);
  const others = own.filter((code) => !builtInDispositionCodes.includes(code));
  return { codes: [...builtInDispositionCodes, ...others], end_task_reason_codes: [...endTaskReasonCodes] };
}

/**
 * Stores a disposition that is not built in, so that lists can be filtered by it. Call it in the transaction that ends
 * the run.
 */
export async function rememberDisposition(
  session: Session,
  runId: number,
  disposition: string,
): Promise<void> {
  if (builtInDispositionCodes.includes(disposition)) return;
  await insertDispositionCode(session, runId, disposition);
}
