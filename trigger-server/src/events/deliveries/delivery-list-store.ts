/** The queries that list deliveries, and the one that makes a delivery due again. */
import type { DeliveryStatus } from '@dograh-trigger/shared';
import { sql } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';
import type { Session } from '../../storage/port';
import type { DeliveryRow } from './delivery-store';

export type ListedDelivery = Omit<DeliveryRow, 'body' | 'is_due'>;

const listedColumns = [
  'id',
  'uuid',
  'organization_id',
  'run_id',
  'source',
  'hook_id',
  'receiver',
  'status',
  'attempt_count',
  'attempts_before_retry',
  'next_attempt_at',
  'created_at',
  'completed_at',
  'request',
] as const;

export interface DeliveryFilter extends Record<string, string | number | null> {
  organizationId: number;
  /** Null for every run. */
  runId: number | null;
  /** Null for every status. */
  status: DeliveryStatus | null;
}

interface PageArguments extends DeliveryFilter {
  limit: number;
  offset: number;
}

/** An unset filter is left out of the query: written as `? IS NULL OR …`, it would keep SQLite from using the index. */
function filteredQueries(filters: { byRun: boolean; byStatus: boolean }) {
  // A run has a few deliveries, a status may have a million. An expression has no index, so the index of runs is used.
  const status = filters.byRun ? sql<DeliveryStatus>`status || ''` : sql.ref<DeliveryStatus>('status');
  return {
    page: query((db, param: ParameterMaker<PageArguments>) =>
      db
        .selectFrom('webhook_deliveries')
        .select(listedColumns)
        .where('organization_id', '=', param('organizationId'))
        .$if(filters.byRun, (some) => some.where('run_id', '=', param('runId')))
        .$if(filters.byStatus, (some) => some.where(status, '=', param('status')))
        .orderBy('id', 'desc')
        .limit(param('limit'))
        .offset(param('offset')),
    ),
    count: query((db, param: ParameterMaker<DeliveryFilter>) =>
      db
        .selectFrom('webhook_deliveries')
        .select((eb) => eb.fn.countAll().as('count'))
        .where('organization_id', '=', param('organizationId'))
        .$if(filters.byRun, (some) => some.where('run_id', '=', param('runId')))
        .$if(filters.byStatus, (some) => some.where(status, '=', param('status'))),
    ),
  };
}

const all = filteredQueries({ byRun: false, byStatus: false });
const ofRun = filteredQueries({ byRun: true, byStatus: false });
const ofStatus = filteredQueries({ byRun: false, byStatus: true });
const ofBoth = filteredQueries({ byRun: true, byStatus: true });

function queriesFor({ runId, status }: DeliveryFilter) {
  if (runId === null) return status === null ? all : ofStatus;
  return status === null ? ofRun : ofBoth;
}

/** One page of deliveries, newest first. */
export function listDeliveries(
  session: Session,
  filter: DeliveryFilter,
  page: { limit: number; offset: number },
): Promise<ListedDelivery[]> {
  return queriesFor(filter).page.all(session, { ...filter, ...page });
}

export async function countDeliveries(session: Session, filter: DeliveryFilter): Promise<number> {
  return Number((await queriesFor(filter).count.first(session, filter))?.count ?? 0);
}

const deliveryQuery = query((db, param: ParameterMaker<{ organizationId: number; uuid: string }>) =>
  db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('uuid', '=', param('uuid'))
    .where('organization_id', '=', param('organizationId')),
);

export function findDelivery(
  session: Session,
  organizationId: number,
  uuid: string,
): Promise<DeliveryRow | undefined> {
  return deliveryQuery.first(session, { organizationId, uuid });
}

const sendAgainQuery = query((db, param: ParameterMaker<{ id: number; at: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set((eb) => ({
      status: 'pending',
      next_attempt_at: param('at'),
      is_due: sql.lit(0),
      completed_at: null,
      attempts_before_retry: eb.ref('attempt_count'),
    }))
    .where('id', '=', param('id')),
);

/** Makes a delivery due at this time, with its full number of retries. */
export async function sendAgain(session: Session, id: number, at: string): Promise<void> {
  await sendAgainQuery.changes(session, { id, at });
}
