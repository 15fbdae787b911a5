/**
 * A repeat of a request that carries the same `Idempotency-Key` is told what the first one was told; it never dials.
 * The key is inserted in the run's own transaction, so that of two requests at once exactly one has it.
 */
import { callIdentity, canonicalJson, sha256Hex, type TriggerRequest } from '@dograh-trigger/shared';
import { Problem, invalidPlace } from '../problem';
import { findOwnRun, type RunRow } from '../runs/runs';
import type { Services } from '../services';
import type { Session } from '../storage/storage';
import {
  deleteExpiredIdempotencyKey,
  deleteExpiredIdempotencyKeys,
  deleteIdempotencyKey,
  findIdempotencyKey,
  insertIdempotencyKey,
} from './store';

const maxLength = 255;
const keptMilliseconds = 24 * 60 * 60 * 1000;
/** Each new key takes so many old ones along: more than come in, and too few to hold up anybody's call. */
const forgottenAtATime = 10;

export interface IdempotentRequest {
  key: string;
  requestHash: string;
}

/**
 * The key of a request, or null when it has none (or the extension is off, as on plain Dograh).
 * @param route what tells this trigger from another, e.g. its path.
 * @throws Problem unprocessable when the header is not 1 to 255 printable ASCII characters.
 */
export function readIdempotencyKey(
  services: Services,
  header: string | undefined,
  route: string,
  request: TriggerRequest,
): IdempotentRequest | null {
  if (header === undefined || header === '' || !services.config.extensions.has('idempotency-key'))
    return null;
  if (header.length > maxLength || !/^[\x20-\x7e]+$/.test(header)) {
    throw invalidPlace({
      type: 'idempotency_key',
      loc: ['header', 'Idempotency-Key'],
      msg: `Use 1 to ${String(maxLength)} printable ASCII characters`,
      input: null,
    });
  }
  return { key: header, requestHash: sha256Hex(`${route}\n${canonicalJson(callIdentity(request))}`) };
}

/** The run of an earlier request with this key, if there is one. @throws Problem unprocessable when that request was another. */
export async function findEarlierRun(
  services: Services,
  organizationId: number,
  request: IdempotentRequest,
): Promise<RunRow | null> {
  const session = services.storage.read;
  const found = await findIdempotencyKey(session, organizationId, request.key, oldest(services));
  if (found === undefined) return null;
  if (found.request_hash !== request.requestHash) {
    const first = await findOwnRun(session, organizationId, found.run_id);
    throw new Problem('unprocessable', 'Idempotency key was already used with a different request', {
      code: 'idempotency_key_reused',
      headers: { Location: runLocation(first.agent_id, first.id) },
    });
  }
  return findOwnRun(session, organizationId, found.run_id);
}

/** Where the run of a call is read. */
export function runLocation(agentId: number, runId: number): string {
  return `/api/v1/workflow/${String(agentId)}/runs/${String(runId)}`;
}

/** Another request with the same key has the call. */
export class KeyTakenError extends Error {
  override readonly name = 'KeyTakenError';
}

/** Inside the run's transaction, before a slot is counted: a repeat must not be told that the line is busy. */
export async function assertKeyIsFree(
  services: Services,
  session: Session,
  organizationId: number,
  request: IdempotentRequest,
): Promise<void> {
  const found = await findIdempotencyKey(session, organizationId, request.key, oldest(services));
  if (found !== undefined) throw new KeyTakenError('The idempotency key is taken');
}

/** Binds the key to the run, in the run's own transaction. @throws a unique violation when the key is taken. */
export async function claimIdempotencyKey(
  services: Services,
  session: Session,
  claim: IdempotentRequest & { organizationId: number; runId: number },
): Promise<void> {
  const { organizationId, key } = claim;
  const until = oldest(services);
  await deleteExpiredIdempotencyKey(session, { organizationId, key, until });
  await deleteExpiredIdempotencyKeys(session, until, forgottenAtATime);
  await insertIdempotencyKey(session, {
    organizationId,
    key,
    requestHash: claim.requestHash,
    runId: claim.runId,
    at: services.clock.steady().toISOString(),
  });
}

/** Nobody was called: the next request with the key is the first one again. In the transaction that ends the run. */
export async function giveBackIdempotencyKey(
  session: Session,
  claim: Pick<IdempotentRequest, 'key'> & { organizationId: number; runId: number },
): Promise<void> {
  const { organizationId, key, runId } = claim;
  await deleteIdempotencyKey(session, { organizationId, key, runId });
}

function oldest(services: Services): string {
  return new Date(services.clock.steady().getTime() - keptMilliseconds).toISOString();
}
