/** The queries of the runs of campaigns. */
import type { RunStatus } from '@dograh-trigger/shared';
import { sql } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';

export const markQuery = query(
  (db, param: ParameterMaker<{ id: number; campaignId: number; line: number }>) =>
    db
      .updateTable('runs')
      .set({ campaign_id: param('campaignId'), campaign_line: param('line') })
      .where('id', '=', param('id')),
);

export const underWayQuery = query((db, param: ParameterMaker<{ campaignId: number }>) =>
  db
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('campaign_id', '=', param('campaignId'))
    .where('completed_at', 'is', null)
    .where('due_at', 'is', null),
);

export const dueQuery = query((db, param: ParameterMaker<{ campaignId: number; now: string }>) =>
  db
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('campaign_id', '=', param('campaignId'))
    .where('completed_at', 'is', null)
    .where('due_at', '<=', param('now')),
);

/** First attempts that wait for the calling hours, or for another rule. */
export const putOffQuery = query((db, param: ParameterMaker<{ campaignId: number; now: string }>) =>
  db
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('campaign_id', '=', param('campaignId'))
    .where('attempt', '=', sql.lit(1))
    .where('due_at', '>', param('now')),
);

export const openQuery = query((db, param: ParameterMaker<{ campaignId: number }>) =>
  db
    .selectFrom('runs')
    .select('id')
    .where('campaign_id', '=', param('campaignId'))
    .where('completed_at', 'is', null)
    .limit(1),
);

export const endedSinceQuery = query((db, param: ParameterMaker<{ campaignId: number; since: string }>) =>
  db
    .selectFrom('runs')
    .select((eb) => ['status', eb.fn.countAll().as('count')])
    .where('campaign_id', '=', param('campaignId'))
    .where('completed_at', '>=', param('since'))
    .groupBy('status'),
);

export const endingsQuery = query(
  (db, param: ParameterMaker<{ campaignId: number; after: number; limit: number }>) =>
    db
      .selectFrom('runs')
      .select(['campaign_line', 'status', 'disposition'])
      .where('campaign_id', '=', param('campaignId'))
      .where('campaign_line', '>', param('after'))
      .orderBy('campaign_line')
      .limit(param('limit')),
);

export interface Ending {
  line: number;
  status: RunStatus;
  disposition: string | null;
}
