/** The queries of campaigns that the queue and the end of a call need. */
import type { Selectable } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';
import type { Counter } from '../../storage/port';
import type { CampaignTable } from '../../storage/tables/campaigns';

export type CampaignRow = Selectable<CampaignTable>;

/** Its runs that have ended, and those among them without an answer. */
export const endCounter: Counter = { table: 'campaigns', columns: ['ended_rows', 'failed_rows'] };

export const campaignQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('campaigns').selectAll().where('id', '=', param('id')),
);
