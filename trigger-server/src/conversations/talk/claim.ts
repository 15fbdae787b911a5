/** Who computes a turn. One process at a time, and none again once it is computed. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { CallAttempt } from '../../carriers/port/call-name';
import type { Heard } from '../engine/port';
import { newTalk } from '../engine/state';
import { findRunState, saveRunState, type RunState } from '../../runs/run-state';
import type { Services } from '../../services';
import type { Session, WriteSession } from '../../storage/port';
import { listGone } from '../../workers/processes';
import { turnMilliseconds } from './deadline';
import {
  beginQuery,
  claimQuery,
  readReply,
  releaseQuery,
  talkQuery,
  type StoredReply,
  type TalkRow,
} from './store';

export type ClaimServices = Pick<Services, 'storage' | 'clock' | 'chance' | 'thisProcess'>;

/** Longer than a turn can take, with what its last tool goes on for. Earlier, only the claim of a process that is gone is taken over. */
const claimMilliseconds = turnMilliseconds + 15_000;

/** Whose turn it is: the caller's, another one's, or nobody's any more. */
export type Claimed =
  | { kind: 'claimed'; row: TalkRow; claim: string; heard: Heard }
  | { kind: 'busy' }
  | { kind: 'over' }
  | { kind: 'known'; reply: StoredReply };

/**
 * @param heard what was heard first in a turn stands; at the end of the call only words do. Null: only that counts.
 * @throws Error for a turn before which others are missing, or in which nothing was heard.
 */
export async function claimTurn(
  services: ClaimServices,
  call: CallAttempt,
  turn: number,
  heard: Heard | null,
): Promise<Claimed> {
  const { storage, chance } = services;
  const { runId, attempt } = call;
  const at = { runId, attempt };
  const claim = chance.uuid();
  return storage.write(async (session): Promise<Claimed> => {
    await session.lock('run', runId);
    if (turn === 0) await beginQuery.changes(session, { ...at, state: JSON.stringify(newTalk()) });
    const row = await talkQuery.first(session, at);
    if (row === undefined || row.turn < turn) {
      throw new Error(`The conversation of run ${String(runId)} has not come to turn ${String(turn)}`);
    }
    // Only the last reply is kept. An earlier turn is asked for again by a carrier that has long heard its reply.
    const reply = readReply(row);
    if (row.turn > turn && reply !== null) return { kind: 'known', reply };
    const isLast = heard?.kind === 'hung_up' || heard?.kind === 'transferred';
    const run = await findRunState(session, runId);
    if (!isLast && (run?.completed_at !== null || run.attempt !== attempt)) return { kind: 'over' };
    if (turn === 0 && run !== undefined) await noteBegun(session, run);
    const before = row.heard === null ? null : (JSON.parse(row.heard) as Heard);
    const first = heardFirst(before, heard, isLast);
    // What was heard was lost with its process, before it was stored. The last words are said again, and it is listened again.
    if (first === null && reply !== null) return { kind: 'known', reply };
    if (first === null) throw new Error(`Nothing was heard in turn ${String(turn)} of run ${String(runId)}`);
    if (row.claim !== null) {
      const held = { claimedBy: row.claimed_by, claimedUntil: row.claimed_until };
      if (await isHeld(services, session, held)) return { kind: 'busy' };
      await releaseQuery.changes(session, { ...at, claim: row.claim });
    }
    const values = { heard: JSON.stringify(first), claim, ...claimOf(services, claimMilliseconds) };
    await claimQuery.changes(session, { ...at, turn, ...values });
    return { kind: 'claimed', row, claim, heard: first };
  });
}

/**
 * What counts of a turn. A process was killed before it had answered the words, or taken the end of the transfer, that were
 * heard before: they are not lost with it, also where the call is over. What became of a transfer counts more than words
 * that were said while it was made.
 */
function heardFirst(before: Heard | null, heard: Heard | null, isLast: boolean): Heard | null {
  if (before === null || (before.kind === 'said' && isTransferEnd(heard))) return heard ?? before;
  const isKept = before.kind === 'said' || isTransferEnd(before);
  return isLast && !isKept ? heard : before;
}

function isTransferEnd(heard: Heard | null): boolean {
  return heard?.kind === 'transferred' || heard?.kind === 'transfer_failed';
}

/** A claim of this process, from now on. */
export function claimOf(
  { clock, thisProcess }: Pick<Services, 'clock' | 'thisProcess'>,
  milliseconds: number,
) {
  const claimedUntil = new Date(clock.steady().getTime() + milliseconds).toISOString();
  return { claimedBy: thisProcess.id, claimedUntil };
}

/** Whether a claim stands: its time is not over, and its process is not gone. */
export async function isHeld(
  services: Pick<Services, 'clock' | 'thisProcess'>,
  session: Session,
  { claimedBy, claimedUntil }: { claimedBy: string | null; claimedUntil: string | null },
): Promise<boolean> {
  if ((claimedUntil ?? '') <= services.clock.steady().toISOString()) return false;
  return (await listGone(services, session, [claimedBy ?? ''])).length === 0;
}

export function releaseTurn({ storage }: Pick<Services, 'storage'>, call: CallAttempt, claim: string) {
  const { runId, attempt } = call;
  return storage.write((session) => releaseQuery.changes(session, { runId, attempt, claim }));
}

/** Keeps what was heard in a turn, for the process that computes it. */
export async function keepHeard(
  services: ClaimServices,
  call: CallAttempt,
  turn: number,
  heard: Heard,
): Promise<void> {
  const claimed = await claimTurn(services, call, turn, heard);
  if (claimed.kind === 'claimed') await releaseTurn(services, call, claimed.claim);
}

/** From its opening on, a run says that it talks: what it says by then counts, even if the call ends at once. */
async function noteBegun(session: WriteSession, run: RunState): Promise<void> {
  const gathered = JSON.parse(run.gathered_context) as JsonObject;
  const noted = JSON.stringify({ nodes_visited: [], ...gathered });
  await saveRunState(session, { ...run, gathered_context: noted }, null);
}
