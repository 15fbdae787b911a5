/** The queries of server processes. */
import { query, type ParameterMaker } from '../storage/query';

export const heartbeatQuery = query((db, param: ParameterMaker<{ id: string; at: string }>) =>
  db
    .insertInto('processes')
    .values({ id: param('id'), started_at: param('at'), heartbeat_at: param('at') })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({ heartbeat_at: row.ref('excluded.heartbeat_at') })),
    ),
);

export const endQuery = query((db, param: ParameterMaker<{ id: string }>) =>
  db.deleteFrom('processes').where('id', '=', param('id')),
);

export const livingQuery = query((db, param: ParameterMaker<{ since: string }>) =>
  db.selectFrom('processes').select('id').where('heartbeat_at', '>=', param('since')),
);

export const deleteGoneQuery = query((db, param: ParameterMaker<{ since: string; self: string }>) =>
  db.deleteFrom('processes').where('heartbeat_at', '<', param('since')).where('id', '!=', param('self')),
);
