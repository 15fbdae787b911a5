/** The queries that remove deliveries, or what they contain. */
import { sql } from 'kysely';
import { idsOf, type IdList } from '../../storage/id-list';
import { query, type ParameterMaker } from '../../storage/query';

// Literals instead of parameters, so that SQLite uses the partial indexes.
const pending = sql<'pending'>`${sql.lit('pending')}`;
const succeeded = sql<'succeeded'>`${sql.lit('succeeded')}`;
const empty = sql<string>`${sql.lit('')}`;

export const owedQuery = query((db, param: ParameterMaker<IdList>) =>
  db
    .selectFrom('webhook_deliveries')
    .select('run_id')
    .distinct()
    .where('run_id', 'in', idsOf(param))
    .where('status', '=', pending),
);

export const deleteAttemptsOfRunsQuery = query((db, param: ParameterMaker<IdList>) =>
  db
    .deleteFrom('webhook_attempts')
    .where('delivery_id', 'in', (eb) =>
      eb.selectFrom('webhook_deliveries').select('id').where('run_id', 'in', idsOf(param)),
    ),
);

export const deleteOfRunsQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('webhook_deliveries').where('run_id', 'in', idsOf(param)),
);

export const deleteCallbacksQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('callback_urls').where('run_id', 'in', idsOf(param)),
);

interface Part extends Record<string, string | number> {
  organizationId: number;
  afterTime: string;
  afterId: number;
  before: string;
  limit: number;
}

export const bodiesQuery = query((db, param: ParameterMaker<Part>) =>
  db
    .selectFrom('webhook_deliveries')
    .select(['id', 'completed_at'])
    .where('organization_id', '=', param('organizationId'))
    .where('status', '=', succeeded)
    .where('body', '<>', empty)
    .where(sql<boolean>`(completed_at, id) > (${param('afterTime')}, ${param('afterId')})`)
    .where('completed_at', '<', param('before'))
    .orderBy('completed_at')
    .orderBy('id')
    .limit(param('limit')),
);

export const emptyBodiesQuery = query((db, param: ParameterMaker<IdList>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ body: null })
    .where('id', 'in', idsOf(param))
    .where('status', '=', succeeded),
);

export const emptyResponsesQuery = query((db, param: ParameterMaker<IdList>) =>
  db.updateTable('webhook_attempts').set({ response: null }).where('delivery_id', 'in', idsOf(param)),
);

export const agedQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; after: number; limit: number }>) =>
    db
      .selectFrom('webhook_deliveries')
      .select(['id', 'status', 'created_at'])
      .where('organization_id', '=', param('organizationId'))
      .where('id', '>', param('after'))
      .orderBy('id')
      .limit(param('limit')),
);

export const deleteAttemptsQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('webhook_attempts').where('delivery_id', 'in', idsOf(param)),
);

export const deleteQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('webhook_deliveries').where('id', 'in', idsOf(param)),
);

export const ofRunQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db
    .selectFrom('webhook_deliveries')
    .select(['id', 'source', 'request'])
    .where('run_id', '=', param('runId')),
);

export const cancelOfRunQuery = query((db, param: ParameterMaker<{ runId: number; at: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ status: 'canceled', next_attempt_at: null, completed_at: param('at') })
    .where('run_id', '=', param('runId'))
    .where('status', '=', pending),
);

export const emptyDeliveryQuery = query((db, param: ParameterMaker<{ id: number; request: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ body: null, request: param('request') })
    .where('id', '=', param('id')),
);

export const emptyResponsesOfDeliveryQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.updateTable('webhook_attempts').set({ response: null }).where('delivery_id', '=', param('id')),
);
