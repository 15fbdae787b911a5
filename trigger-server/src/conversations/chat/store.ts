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

/** Ends a claim, if it is still this one. */
export const releaseQuery = query((db, param: ParameterMaker<{ runId: number; claim: string }>) =>
  db
    .updateTable('text_chats')
    .set({ claim: null })
    .where('run_id', '=', param('runId'))
    .where('claim', '=', param('claim')),
);

/** The oldest ones first. */
export const idleQuery = query((db, param: ParameterMaker<{ now: string; limit: number }>) =>
  db
    .selectFrom('text_chats')
    .select('run_id')
    .where('idle_at', 'is not', null)
    .where(sql<boolean>`idle_at <= ${param('now')}`)
    .orderBy('idle_at')
    .limit(param('limit')),
);

export const forgetQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('text_chats').where('run_id', 'in', idsOf(param)),
);
