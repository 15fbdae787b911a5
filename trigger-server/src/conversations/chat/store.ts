/** The queries of text chats. */
import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { idsOf, type IdList } from '../../storage/id-list';
import { query, type ParameterMaker } from '../../storage/query';
import type { TextChatTable } from '../../storage/tables/conversations';

export type ChatRow = Selectable<TextChatTable>;

export const chatQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.selectFrom('text_chats').selectAll().where('run_id', '=', param('runId')),
);

/** Who computes for a chat. */
export const claimQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db
    .selectFrom('text_chats')
    .select(['claim', 'claimed_by', 'claimed_until'])
    .where('run_id', '=', param('runId')),
);

/** What a write sets. */
interface ChatValues extends Record<string, string | number | null> {
  runId: number;
  revision: number;
  chat: string;
  claim: string | null;
  claimedBy: string | null;
  claimedUntil: string | null;
  idleAt: string | null;
  at: string;
}

export const insertChatQuery = query((db, param: ParameterMaker<ChatValues & { annotations: string }>) =>
  db.insertInto('text_chats').values({
    run_id: param('runId'),
    revision: param('revision'),
    chat: param('chat'),
    annotations: param('annotations'),
    claim: param('claim'),
    claimed_by: param('claimedBy'),
    claimed_until: param('claimedUntil'),
    idle_at: param('idleAt'),
    updated_at: param('at'),
  }),
);

export const saveChatQuery = query((db, param: ParameterMaker<ChatValues>) =>
  db
    .updateTable('text_chats')
    .set({
      revision: param('revision'),
      chat: param('chat'),
      claim: param('claim'),
      claimed_by: param('claimedBy'),
      claimed_until: param('claimedUntil'),
      idle_at: param('idleAt'),
      updated_at: param('at'),
    })
    .where('run_id', '=', param('runId')),
);

/** Claims a chat as it is. It stays idle, so that its end is made again if this one is broken off. */
export const claimChatQuery = query(
  (db, param: ParameterMaker<{ runId: number; claim: string; claimedBy: string; claimedUntil: string }>) =>
    db
      .updateTable('text_chats')
      .set({ claim: param('claim'), claimed_by: param('claimedBy'), claimed_until: param('claimedUntil') })
      .where('run_id', '=', param('runId')),
);

/** Ends a claim, if it is still this one. */
export const releaseQuery = query((db, param: ParameterMaker<{ runId: number; claim: string }>) =>
  db
    .updateTable('text_chats')
    .set({ claim: null })
    .where('run_id', '=', param('runId'))
    .where('claim', '=', param('claim')),
);

/** First the oldest one of each organization, then the second one of each. */
export const idleQuery = query((db, param: ParameterMaker<{ now: string; limit: number }>) =>
  db
    .selectFrom('text_chats')
    .innerJoin('runs', 'runs.id', 'text_chats.run_id')
    .select(['text_chats.run_id', 'runs.organization_id', 'runs.agent_id'])
    .where('text_chats.idle_at', 'is not', null)
    .where(sql<boolean>`text_chats.idle_at <= ${param('now')}`)
    .orderBy(
      sql`row_number() over (partition by runs.organization_id order by text_chats.idle_at, text_chats.run_id)`,
    )
    .orderBy('text_chats.idle_at')
    .limit(param('limit')),
);

/** Leaves one alone that is no longer idle. */
export const postponeQuery = query(
  (db, param: ParameterMaker<{ runId: number; now: string; until: string }>) =>
    db
      .updateTable('text_chats')
      .set({ idle_at: param('until') })
      .where('run_id', '=', param('runId'))
      .where(sql<boolean>`idle_at <= ${param('now')}`),
);

export const forgetQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('text_chats').where('run_id', 'in', idsOf(param)),
);
