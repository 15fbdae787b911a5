/** Who computes a turn. One process at a time, and none again once it is computed. */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { TalkReply } from '../../carriers/port/talk';
import { newTalk } from '../engine/state';
import type { Services } from '../../services';
import { listGone } from '../../workers/processes';
import { beginQuery, claimQuery, releaseQuery, talkQuery, type TalkRow } from './store';

type Needs = Pick<Services, 'storage' | 'clock' | 'chance' | 'thisProcess'>;

/** Longer than a turn can take. Earlier, only the claim of a process that is gone is taken over. */
const claimMilliseconds = 120_000;

/** Whose turn it is: the caller's, another one's, or nobody's any more. */
export type Claimed =
  { kind: 'claimed'; row: TalkRow; claim: string } | { kind: 'busy' } | { kind: 'known'; reply: TalkReply };

/** @throws Error for a turn before which others are missing. */
export async function claimTurn(services: Needs, call: CallAttempt, turn: number): Promise<Claimed> {
  const { storage, clock, chance, thisProcess } = services;
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
    if (row.turn > turn && row.reply !== null) {
      return { kind: 'known', reply: JSON.parse(row.reply) as TalkReply };
    }
    if (row.claim !== null) {
      const now = clock.steady().toISOString();
      const owner = row.claimed_by ?? '';
      const isOver =
        (row.claimed_until ?? '') <= now || (await listGone(services, session, [owner])).length > 0;
      if (!isOver) return { kind: 'busy' };
      await releaseQuery.changes(session, { ...at, claim: row.claim });
    }
    const claimedUntil = new Date(clock.steady().getTime() + claimMilliseconds).toISOString();
    await claimQuery.changes(session, { ...at, turn, claim, claimedBy: thisProcess.id, claimedUntil });
    return { kind: 'claimed', row, claim };
  });
}

export function releaseTurn({ storage }: Pick<Services, 'storage'>, call: CallAttempt, claim: string) {
  const { runId, attempt } = call;
  return storage.write((session) => releaseQuery.changes(session, { runId, attempt, claim }));
}
