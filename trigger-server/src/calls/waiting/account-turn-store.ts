/** The queries of the pace of carrier accounts. */
import { query, type ParameterMaker } from '../../storage/query';

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
