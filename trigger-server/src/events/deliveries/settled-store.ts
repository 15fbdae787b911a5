/** The queries that find settled deliveries for resending. They read the deliveries of one status in slices. */
import { sql } from 'kysely';
import type { SettledStatus } from '@dograh-trigger/shared';
import { query, type ParameterMaker } from '../../storage/query';
import type { Session } from '../../storage/port';

export interface SettledFilter {
  organizationId: number;
  status: SettledStatus;
  /** Settled at this time or later. */
  since: string;
  /** Null for all receivers. */
  hookId: number | null;
}

interface Place extends Record<string, string | number> {
  organizationId: number;
  status: SettledStatus;
  after: number;
  offset: number;
}

const placeQuery = query((db, param: ParameterMaker<Place>) =>
  db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('organization_id', '=', param('organizationId'))
    .where('status', '=', param('status'))
    .where('id', '>', param('after'))
    .orderBy('id')
    .limit(sql.lit(1))
    .offset(param('offset')),
);

/** The id of the `count`-th delivery of the status after an id, by the index alone; undefined when there are fewer. */
export async function findPlace(
  session: Session,
  { organizationId, status }: SettledFilter,
  after: number,
  count: number,
): Promise<number | undefined> {
  return (await placeQuery.first(session, { organizationId, status, after, offset: count - 1 }))?.id;
}

interface Part extends Record<string, string | number | null> {
  organizationId: number;
  status: SettledStatus;
  since: string;
  hookId: number | null;
  after: number;
  upTo: number;
}

function idsQuery(isOfHook: boolean) {
  return query((db, param: ParameterMaker<Part>) =>
    db
      .selectFrom('webhook_deliveries')
      .select('id')
      .where('organization_id', '=', param('organizationId'))
      .where('status', '=', param('status'))
      .where('id', '>', param('after'))
      .where('id', '<=', param('upTo'))
      .where('completed_at', '>=', param('since'))
      .$if(isOfHook, (some) => some.where('hook_id', '=', param('hookId')))
      .orderBy('id'),
  );
}

const idsOfAll = idsQuery(false);
const idsOfHook = idsQuery(true);

/** The ids of the matching deliveries in a slice, oldest first. */
export async function listIds(
  session: Session,
  filter: SettledFilter,
  slice: { after: number; upTo: number },
): Promise<number[]> {
  const ids = filter.hookId === null ? idsOfAll : idsOfHook;
  return (await ids.all(session, { ...filter, ...slice })).map(({ id }) => id);
}
