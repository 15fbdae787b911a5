/**
 * A repeat of a request with the same `Idempotency-Key` gets the first reply and never dials. The key is inserted in the
 * run's own transaction, so that of two simultaneous requests exactly one gets it.
 */
import {
  callIdentity,
  canonicalJson,
  keyLifetime,
  sha256Hex,
  type TriggerRequest,
} from '@dograh-trigger/shared';
import { Problem, invalidPlace } from '../problem';
import { findOwnRun, type RunRow } from '../runs/runs';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import {
  deleteExpiredIdempotencyKey,
  deleteExpiredIdempotencyKeys,
  deleteKeysOfRuns,
  extendKeyOfRun,
  findIdempotencyKey,
  forgetRequestHash,
  insertIdempotencyKey,
  listRunsWithKey,
} from './store';
import { mayWait, type Schedule } from './waiting/schedule';

const maxLength = 255;
/** How many expired keys each new key deletes: more than one, so that they dwindle, and few enough to delay no call. */
const forgottenAtATime = 10;

export interface IdempotentRequest {
  key: string;
  requestHash: string;
  lifetimeSeconds: number;
}

/** The headers of a request that make it idempotent. */
export interface KeyHeaders {
  key: string | undefined;
  lifetime: string | undefined;
}

/**
 * The key of a request, or null when it has none (or the extension is off, as on plain Dograh).
 * @param route identifies the trigger, e.g. its path.
 * @throws Problem unprocessable when the key is not 1 to 255 printable ASCII characters, or its lifetime is not allowed.
 */
export function readIdempotencyKey(
  { config: { extensions } }: Pick<Services, 'config'>,
  headers: KeyHeaders,
  route: string,
  request: TriggerRequest,
): IdempotentRequest | null {
  const { key = '' } = headers;
  if (!extensions.has('idempotency-key')) return null;
  const lifetimeSeconds = extensions.has('key-lifetime') ? readLifetime(headers) : keyLifetime.usual;
  if (key === '') return null;
  if (key.length > maxLength || !/^[\x20-\x7e]+$/.test(key)) {
    throw invalidPlace({
      type: 'idempotency_key',
      loc: ['header', 'Idempotency-Key'],
      msg: `Use 1 to ${String(maxLength)} printable ASCII characters`,
      input: null,
    });
  }
  const requestHash = sha256Hex(`${route}\n${canonicalJson(callIdentity(request))}`);
  return { key, requestHash, lifetimeSeconds };
}

/** How many seconds the key is kept. A wrong lifetime is refused: a key that expires too early could dial twice. */
function readLifetime({ key = '', lifetime: text = '' }: KeyHeaders): number {
  if (text === '') return keyLifetime.usual;
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  const isKept = seconds >= keyLifetime.shortest && seconds <= keyLifetime.longest;
  if (isKept && key !== '') return seconds;
  throw invalidPlace({
    type: 'idempotency_key_lifetime',
    loc: ['header', 'Idempotency-Key-Lifetime'],
    msg: isKept
      ? 'It says how long Idempotency-Key is kept, and the request has none'
      : `Use a whole number of seconds from ${String(keyLifetime.shortest)} (an hour) to ${String(keyLifetime.longest)} (30 days)`,
    input: null,
  });
}

/** The run of an earlier request with this key, if there is one. @throws Problem unprocessable when that request was another. */
export async function findEarlierRun(
  services: Pick<Services, 'storage' | 'clock'>,
  organizationId: number,
  request: IdempotentRequest,
): Promise<RunRow | null> {
  const session = services.storage.read;
  const found = await findIdempotencyKey(session, organizationId, request.key);
  if (found === undefined || found.expires_at <= steadyNow(services)) return null;
  const isErased = found.request_hash === '';
  if (!isErased && found.request_hash !== request.requestHash) {
    const first = await findOwnRun(session, organizationId, found.run_id);
    throw new Problem('unprocessable', 'Idempotency key was already used with a different request', {
      code: 'idempotency_key_reused',
      headers: { Location: runLocation(first.agent_id, first.id) },
    });
  }
  const run = await findOwnRun(session, organizationId, found.run_id);
  // Nobody was called, and its key became free after it was read here.
  return run.dial_outcome === 'not_sent' ? null : run;
}

/** Where the run of a call is read. */
export function runLocation(agentId: number, runId: number): string {
  return `/api/v1/workflow/${String(agentId)}/runs/${String(runId)}`;
}

/** Another request with the same key has placed the call. */
export class KeyTakenError extends Error {
  override readonly name = 'KeyTakenError';
}

/** A key that a run is to get. Instants are by the steady clock. */
export interface KeyClaim {
  organizationId: number;
  key: string;
  requestHash: string;
  at: string;
  expiresAt: string;
}

type Instants = Pick<Schedule, 'notBefore' | 'notAfter'>;

/** The claim of a request that arrives now. @param schedule of its call, which may wait. */
export function keyClaim(
  services: Pick<Services, 'clock'>,
  organizationId: number,
  { key, requestHash, lifetimeSeconds }: IdempotentRequest,
  schedule: Schedule,
): KeyClaim {
  const now = services.clock.steady();
  const ofRequest = new Date(now.getTime() + lifetimeSeconds * 1000).toISOString();
  const ofWait = mayWait(schedule) ? keyOfWaitingUntil(services, schedule) : ofRequest;
  const expiresAt = ofWait > ofRequest ? ofWait : ofRequest;
  return { organizationId, key, requestHash, at: now.toISOString(), expiresAt };
}

/** Keeps the key of a call, if it has one, while the call is queued by this schedule. It never expires earlier than before. */
export async function keepKeyWhileWaiting(
  services: Pick<Services, 'clock'>,
  session: Session,
  runId: number,
  schedule: Instants,
): Promise<void> {
  await extendKeyOfRun(session, runId, keyOfWaitingUntil(services, schedule));
}

/**
 * Until when the key of a call that waits is kept, by the steady clock: long after the instants of its schedule. If it
 * expired while the call waits, a repeat of the request would be a second call.
 */
function keyOfWaitingUntil({ clock }: Pick<Services, 'clock'>, { notBefore, notAfter }: Instants): string {
  const now = clock.now().getTime();
  const lastInstant = Math.max(
    now,
    ...[notBefore, notAfter].flatMap((at) => (at === null ? [] : [Date.parse(at)])),
  );
  return new Date(clock.steady().getTime() + lastInstant - now + keyLifetime.longest * 1000).toISOString();
}

/** Identifies a key among those of all organizations. */
export function keyName({ organizationId, key }: KeyClaim): string {
  return `${String(organizationId)} ${key}`;
}

/** The names of the keys that are in use, and of those that have expired and must make room. */
export interface KnownKeys {
  taken: Set<string>;
  expired: ReadonlySet<string>;
}

/** Runs inside the run's transaction, under the lock of the organization. */
export async function findKnownKeys(session: Session, claims: readonly KeyClaim[]): Promise<KnownKeys> {
  const found = await Promise.all(
    claims.map(({ organizationId, key }) => findIdempotencyKey(session, organizationId, key)),
  );
  const namesOf = (isMeant: (expiresAt: string, at: string) => boolean) =>
    new Set(
      claims
        .filter(({ at }, index) => {
          const key = found[index];
          return key !== undefined && isMeant(key.expires_at, at);
        })
        .map(keyName),
    );
  return {
    taken: namesOf((expiresAt, at) => expiresAt > at),
    expired: namesOf((expiresAt, at) => expiresAt <= at),
  };
}

/**
 * Binds keys that are not in use to their runs, in the runs' own transaction.
 * @param expired of `findKnownKeys`, in the same transaction.
 */
export async function claimIdempotencyKeys(
  session: Session,
  claims: readonly (KeyClaim & { runId: number })[],
  expired: ReadonlySet<string>,
): Promise<void> {
  const [first] = claims;
  if (first === undefined) return;
  await Promise.all(
    claims
      .filter((claim) => expired.has(keyName(claim)))
      .map(({ organizationId, key, at }) =>
        deleteExpiredIdempotencyKey(session, { organizationId, key, at }),
      ),
  );
  await deleteExpiredIdempotencyKeys(session, first.at, forgottenAtATime * claims.length);
  await Promise.all(
    claims.map(({ organizationId, key, requestHash, runId, expiresAt }) =>
      insertIdempotencyKey(session, { organizationId, key, requestHash, runId, expiresAt }),
    ),
  );
}

/** The runs among these whose key still holds: without them, a repeat of their request would dial again. */
export function listRunsWithValidKey(
  services: Pick<Services, 'clock'>,
  session: Session,
  runIds: readonly number[],
): Promise<Set<number>> {
  return listRunsWithKey(session, runIds, steadyNow(services));
}

/** Frees the keys of runs that are deleted, or for which nobody was called: the next request with the key may dial. */
export async function deleteKeysOf(session: Session, runIds: readonly number[]): Promise<void> {
  await deleteKeysOfRuns(session, runIds);
}

/**
 * Removes what the key of an erased run knows of its request: a hash of a phone number can be guessed. Until it expires,
 * the key answers any request with the run, and nobody is called.
 */
export async function forgetRequest(session: Session, runId: number): Promise<void> {
  await forgetRequestHash(session, runId);
}

/** Deletes expired keys, at most `limit`. @returns how many. */
export function forgetExpiredKeys(
  services: Pick<Services, 'clock'>,
  session: Session,
  limit: number,
): Promise<number> {
  return deleteExpiredIdempotencyKeys(session, steadyNow(services), limit);
}

function steadyNow({ clock }: Pick<Services, 'clock'>): string {
  return clock.steady().toISOString();
}
