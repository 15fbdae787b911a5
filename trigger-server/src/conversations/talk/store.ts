/** The queries of conversations. */
import type { Selectable } from 'kysely';
import { idsOf, type IdList } from '../../storage/id-list';
import { query, type ParameterMaker } from '../../storage/query';
import type { TurnResult } from '../engine/script';
import type { TalkTable } from '../../storage/tables/conversations';

export type TalkRow = Selectable<TalkTable>;

/** The reply of a turn, as it is kept. A transfer is not decided in it: whether its number may be called can change. */
export interface StoredReply {
  say: readonly string[];
  then: TurnResult['then'];
  /** Set when the callee may interrupt what is said. */
  isInterruptible?: true;
}

export function readReply({ reply }: Pick<TalkRow, 'reply'>): StoredReply | null {
  return reply === null ? null : (JSON.parse(reply) as StoredReply);
}

interface Attempt extends Record<string, string | number> {
  runId: number;
  attempt: number;
}

export const talkQuery = query((db, param: ParameterMaker<Attempt>) =>
  db
    .selectFrom('talks')
    .selectAll()
    .where('run_id', '=', param('runId'))
    .where('attempt', '=', param('attempt')),
);

/** Does nothing for a conversation that has begun. */
export const beginQuery = query((db, param: ParameterMaker<Attempt & { state: string }>) =>
  db
    .insertInto('talks')
    .values({
      run_id: param('runId'),
      attempt: param('attempt'),
      turn: 0,
      state: param('state'),
      extracted: '{}',
      pending: '[]',
    })
    .onConflict((conflict) => conflict.columns(['run_id', 'attempt']).doNothing()),
);

/** Notes that the carrier has opened the relay of a conversation, if it has not before. */
export const openRelayQuery = query((db, param: ParameterMaker<Attempt & { at: string }>) =>
  db
    .updateTable('talks')
    .set({ relayed_at: param('at') })
    .where('run_id', '=', param('runId'))
    .where('attempt', '=', param('attempt'))
    .where('relayed_at', 'is', null),
);

/** Claims a turn that nobody has claimed. */
export const claimQuery = query(
  (
    db,
    param: ParameterMaker<
      Attempt & { turn: number; heard: string; claim: string; claimedBy: string; claimedUntil: string }
    >,
  ) =>
    db
      .updateTable('talks')
      .set({
        heard: param('heard'),
        claim: param('claim'),
        claimed_by: param('claimedBy'),
        claimed_until: param('claimedUntil'),
      })
      .where('run_id', '=', param('runId'))
      .where('attempt', '=', param('attempt'))
      .where('turn', '=', param('turn'))
      .where('claim', 'is', null),
);

/** Ends a claim, if it is still this one. */
export const releaseQuery = query((db, param: ParameterMaker<Attempt & { claim: string }>) =>
  db
    .updateTable('talks')
    .set({ claim: null })
    .where('run_id', '=', param('runId'))
    .where('attempt', '=', param('attempt'))
    .where('claim', '=', param('claim')),
);

/** Saves the turn of a claim, if it still stands. */
export const saveTurnQuery = query(
  (
    db,
    param: ParameterMaker<
      Attempt & { claim: string; next: number; state: string; pending: string; reply: string }
    >,
  ) =>
    db
      .updateTable('talks')
      .set({
        turn: param('next'),
        state: param('state'),
        pending: param('pending'),
        reply: param('reply'),
        heard: null,
        claim: null,
      })
      .where('run_id', '=', param('runId'))
      .where('attempt', '=', param('attempt'))
      .where('claim', '=', param('claim')),
);

/** Claims the extraction of values. */
export const claimValuesQuery = query(
  (db, param: ParameterMaker<Attempt & { claim: string; claimedBy: string; claimedUntil: string }>) =>
    db
      .updateTable('talks')
      .set({
        values_claim: param('claim'),
        values_claimed_by: param('claimedBy'),
        values_claimed_until: param('claimedUntil'),
      })
      .where('run_id', '=', param('runId'))
      .where('attempt', '=', param('attempt')),
);

/** Ends a claim, if it is still this one. */
export const releaseValuesQuery = query((db, param: ParameterMaker<Attempt & { claim: string }>) =>
  db
    .updateTable('talks')
    .set({ values_claim: null })
    .where('run_id', '=', param('runId'))
    .where('attempt', '=', param('attempt'))
    .where('values_claim', '=', param('claim')),
);

/** Saves values, and ends their claim. */
export const saveExtractedQuery = query(
  (db, param: ParameterMaker<Attempt & { state: string; extracted: string; pending: string }>) =>
    db
      .updateTable('talks')
      .set({
        state: param('state'),
        extracted: param('extracted'),
        pending: param('pending'),
        values_claim: null,
      })
      .where('run_id', '=', param('runId'))
      .where('attempt', '=', param('attempt')),
);

export const forgetQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('talks').where('run_id', 'in', idsOf(param)),
);
