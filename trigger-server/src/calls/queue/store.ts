/** The queries of the queue's own tables: whose turn it is, and the pace of accounts. */
import { query, type ParameterMaker } from '../../storage/query';

export const laneTurnQuery = query((db, param: ParameterMaker<{ lane: string }>) =>
  db.selectFrom('queue_lanes').select('taken_at').where('lane', '=', param('lane')),
);

export const takeLaneTurnQuery = query((db, param: ParameterMaker<{ lane: string; at: string }>) =>
  db
    .insertInto('queue_lanes')
    .values({ lane: param('lane'), taken_at: param('at') })
    .onConflict((conflict) => conflict.column('lane').doUpdateSet({ taken_at: param('at') })),
);

export const accountTurnQuery = query((db, param: ParameterMaker<{ configurationId: number }>) =>
  db.selectFrom('account_turns').select('free_at').where('configuration_id', '=', param('configurationId')),
);

export const takeAccountTurnQuery = query(
  (db, param: ParameterMaker<{ configurationId: number; freeAt: string }>) =>
    db
      .insertInto('account_turns')
      .values({ configuration_id: param('configurationId'), free_at: param('freeAt') })
      .onConflict((conflict) =>
        conflict.column('configuration_id').doUpdateSet({ free_at: param('freeAt') }),
      ),
);
