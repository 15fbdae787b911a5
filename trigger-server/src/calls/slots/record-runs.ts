/**
 * Records runs before they are dialled: all that arrive close together, in one write. A slot is a run that has not ended;
 * counting the slots and taking some is one step under the lock of the organization, so that the limit holds.
 */
import type { DestinationPolicy } from '@dograh-trigger/shared';
import { findCallLimits } from '../../accounts/organizations';
import { insertCallbackUrl } from '../../events/subscriptions/callback-url';
import { Problem } from '../../problem';
import { openRuns, type NewRun } from '../../runs/open-run';
import type { Settled, WriteSession } from '../../storage/port';
import { claimIdempotencyKeys, findTakenKeys, keyName, KeyTakenError, type KeyClaim } from '../idempotency';
import type { Destination } from '../policy/destination';
import { assertDestinationAllowed, countTowardsLimit, parsePolicy } from '../policy/destination-policy';

/** A run to record. */
export interface Placement {
  run: NewRun;
  destination: Destination;
  now: Date;
  /** Of the request; null: it has none. */
  key: KeyClaim | null;
  callbackUrl: string | null;
}

/** `Retry-After` when no slot is free: of ten one-minute calls, one ends every six seconds. */
const slotPauseSeconds = 5;

/** What is left to give to the calls of an organization. */
interface Room {
  policy: DestinationPolicy;
  freeSlots: number;
}

/** For `Storage.writeTogether`. @returns the id of each run; or why there is none: Problem, KeyTakenError. */
export async function recordRuns(
  session: WriteSession,
  placements: readonly Placement[],
): Promise<Settled<number>[]> {
  const organizationIds = [...new Set(placements.map(({ run }) => run.organization_id))];
  await Promise.all(organizationIds.map((id) => session.lock('organization', id)));
  const [rooms, takenKeys] = await Promise.all([
    findRooms(session, organizationIds),
    findTakenKeys(session, keysOf(placements)),
  ]);
  const admitted: Placement[] = [];
  const refusals = new Map<Placement, Error>();
  for (const placement of placements) {
    const refusal = await refusalOf(session, placement, rooms, takenKeys);
    if (refusal === null) admitted.push(placement);
    else refusals.set(placement, refusal);
  }
  const ids = await openRuns(
    session,
    admitted.map(({ run }) => run),
  );
  const runIds = new Map(admitted.map((placement, index) => [placement, ids[index] ?? 0]));
  await Promise.all(
    Array.from(runIds, async ([{ callbackUrl }, id]) => {
      if (callbackUrl !== null) await insertCallbackUrl(session, id, callbackUrl);
    }),
  );
  await claimIdempotencyKeys(
    session,
    Array.from(runIds, ([{ key }, runId]) => (key === null ? [] : [{ ...key, runId }])).flat(),
  );
  return placements.map((placement) => {
    const runId = runIds.get(placement);
    return runId === undefined ? { ok: false, error: refusals.get(placement) } : { ok: true, result: runId };
  });
}

async function findRooms(
  session: WriteSession,
  organizationIds: readonly number[],
): Promise<Map<number, Room>> {
  const limits = await Promise.all(organizationIds.map((id) => findCallLimits(session, id)));
  return new Map(
    limits.map(({ slots, openRuns: taken, policy }, index) => [
      organizationIds[index] ?? 0,
      { policy: parsePolicy(policy), freeSlots: slots - taken },
    ]),
  );
}

function keysOf(placements: readonly Placement[]): KeyClaim[] {
  return placements.flatMap(({ key }) => key ?? []);
}

/** Takes a slot and the key. @returns why the call is not recorded; null if it is. */
async function refusalOf(
  session: WriteSession,
  { run, destination, now, key }: Placement,
  rooms: ReadonlyMap<number, Room>,
  takenKeys: Set<string>,
): Promise<Error | null> {
  const room = rooms.get(run.organization_id);
  if (room === undefined)
    throw new Error(`The limits of organization ${String(run.organization_id)} were not read`);
  // First of all: a repeat must not be refused for want of a slot.
  if (key !== null && takenKeys.has(keyName(key))) return new KeyTakenError('The idempotency key is taken');
  try {
    assertDestinationAllowed(room.policy, destination, { at: now, timeZone: null });
    if (room.freeSlots <= 0) {
      throw new Problem('busy', 'Concurrent call limit reached', {
        code: 'concurrency_limit',
        retryAfterSeconds: slotPauseSeconds,
      });
    }
    // Counted last, so that a refusal above never has to undo it.
    await countTowardsLimit(session, room.policy, run.api_key_id, now);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  room.freeSlots -= 1;
  if (key !== null) takenKeys.add(keyName(key));
  return null;
}
