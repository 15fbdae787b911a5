/** The queries of campaigns. */
import type { CampaignState } from '@dograh-trigger/shared';
import { sql } from 'kysely';
import { insertedId } from '../../storage/columns';
import { query, type ParameterMaker } from '../../storage/query';
import type { Session } from '../../storage/port';
import type { CampaignRow } from '../campaign-state/store';

type NewCampaign = Pick<
  CampaignRow,
  | 'organization_id'
  | 'agent_id'
  | 'file_id'
  | 'telephony_configuration_id'
  | 'user_id'
  | 'api_key_id'
  | 'name'
  | 'retry_config'
  | 'max_concurrency'
  | 'schedule_config'
  | 'circuit_breaker'
  | 'parent_id'
  | 'created_at'
>;

const insertCampaignQuery = query(
  (db, param: ParameterMaker<{ [Column in keyof NewCampaign]: NewCampaign[Column] }>) =>
    db
      .insertInto('campaigns')
      .values({
        organization_id: param('organization_id'),
        agent_id: param('agent_id'),
        file_id: param('file_id'),
        telephony_configuration_id: param('telephony_configuration_id'),
        user_id: param('user_id'),
        api_key_id: param('api_key_id'),
        name: param('name'),
        state: 'created',
        retry_config: param('retry_config'),
        max_concurrency: param('max_concurrency'),
        schedule_config: param('schedule_config'),
        circuit_breaker: param('circuit_breaker'),
        parent_id: param('parent_id'),
        created_at: param('created_at'),
      })
      .returning('id'),
);

export async function insertCampaign(session: Session, campaign: NewCampaign): Promise<number> {
  return insertedId(await insertCampaignQuery.first(session, campaign));
}

/** The newest first. */
export const campaignsQuery = query((db, param: ParameterMaker<{ organizationId: number; limit: number }>) =>
  db
    .selectFrom('campaigns')
    .innerJoin('campaign_files', 'campaign_files.id', 'campaigns.file_id')
    .selectAll('campaigns')
    .select(['campaign_files.file_key', 'campaign_files.total_rows', 'campaign_files.skipped_rows'])
    .where('campaigns.organization_id', '=', param('organizationId'))
    .orderBy('campaigns.id', 'desc')
    .limit(param('limit')),
);

export const shownCampaignQuery = query((db, param: ParameterMaker<{ organizationId: number; id: number }>) =>
  db
    .selectFrom('campaigns')
    .innerJoin('campaign_files', 'campaign_files.id', 'campaigns.file_id')
    .selectAll('campaigns')
    .select(['campaign_files.file_key', 'campaign_files.total_rows', 'campaign_files.skipped_rows'])
    .where('campaigns.id', '=', param('id'))
    .where('campaigns.organization_id', '=', param('organizationId')),
);

export type ShownCampaign = NonNullable<Awaited<ReturnType<typeof shownCampaignQuery.first>>>;

export const changeCampaignQuery = query(
  (
    db,
    param: ParameterMaker<
      Pick<
        CampaignRow,
        'id' | 'name' | 'retry_config' | 'max_concurrency' | 'schedule_config' | 'circuit_breaker'
      >
    >,
  ) =>
    db
      .updateTable('campaigns')
      .set({
        name: param('name'),
        retry_config: param('retry_config'),
        max_concurrency: param('max_concurrency'),
        schedule_config: param('schedule_config'),
        circuit_breaker: param('circuit_breaker'),
      })
      .where('id', '=', param('id')),
);

/** Changes nothing unless the campaign is in the state that was read. */
export const changeStateQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      from: CampaignState;
      to: CampaignState;
      logs: string;
      startedAt: string | null;
      completedAt: string | null;
      countedFrom: string | null;
    }>,
  ) =>
    db
      .updateTable('campaigns')
      .set({
        state: param('to'),
        logs: param('logs'),
        started_at: param('startedAt'),
        completed_at: param('completedAt'),
        counted_from: param('countedFrom'),
      })
      .where('id', '=', param('id'))
      .where('state', '=', param('from')),
);

export const noteRedialQuery = query((db, param: ParameterMaker<{ id: number; redialedId: number }>) =>
  db
    .updateTable('campaigns')
    .set({ redialed_id: param('redialedId') })
    .where('id', '=', param('id'))
    .where('redialed_id', 'is', null),
);

export const runningQuery = query((db) =>
  db.selectFrom('campaigns').select('id').where('state', '=', sql.lit<'running'>('running')).orderBy('id'),
);

/** @param values `rows`: of contacts that got a run, up to `lastLine`. */
export const noteQueuedQuery = query(
  (db, param: ParameterMaker<{ id: number; lastLine: number; rows: number }>) =>
    db
      .updateTable('campaigns')
      .set((eb) => ({ last_line: param('lastLine'), queued_rows: eb('queued_rows', '+', param('rows')) }))
      .where('id', '=', param('id')),
);
