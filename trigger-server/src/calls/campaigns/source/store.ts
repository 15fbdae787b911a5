/** The queries of the files of campaigns, and of their rows. */
import type { SkippedRow } from '@dograh-trigger/shared';
import { sql } from 'kysely';
import { idsOf, type IdList } from '../../../storage/id-list';
import { query, type ParameterMaker } from '../../../storage/query';

export const insertFileQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      fileKey: string;
      largestBytes: number;
      createdAt: string;
      unusedUntil: string;
    }>,
  ) =>
    db
      .insertInto('campaign_files')
      .values({
        organization_id: param('organizationId'),
        file_key: param('fileKey'),
        largest_bytes: param('largestBytes'),
        state: 'awaited',
        created_at: param('createdAt'),
        unused_until: param('unusedUntil'),
      })
      .returning('id'),
);

export const fileQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('campaign_files').selectAll().where('id', '=', param('id')),
);

export const fileByKeyQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; fileKey: string }>) =>
    db
      .selectFrom('campaign_files')
      .selectAll()
      .where('file_key', '=', param('fileKey'))
      .where('organization_id', '=', param('organizationId')),
);

/** Changes nothing unless the file is still awaited. */
export const beginReadingQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .updateTable('campaign_files')
    .set({ state: 'reading' })
    .where('id', '=', param('id'))
    .where('state', '=', 'awaited'),
);

export const endReadingQuery = query(
  (db, param: ParameterMaker<{ id: number; header: string; total: number; skipped: number }>) =>
    db
      .updateTable('campaign_files')
      .set({
        state: 'read',
        header: param('header'),
        total_rows: param('total'),
        skipped_rows: param('skipped'),
      })
      .where('id', '=', param('id'))
      .where('state', '=', 'reading'),
);

export const keepFileQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .updateTable('campaign_files')
    .set({ unused_until: null })
    .where('id', '=', param('id'))
    .where('state', '=', 'read'),
);

export const unusedFilesQuery = query((db, param: ParameterMaker<{ now: string; limit: number }>) =>
  db
    .selectFrom('campaign_files')
    .select('id')
    .where('unused_until', '<=', param('now'))
    .orderBy('unused_until')
    .limit(param('limit')),
);

/** Changes nothing for a file that a campaign has. */
export const condemnFileQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .updateTable('campaign_files')
    .set({ state: 'deleting' })
    .where('id', '=', param('id'))
    .where('unused_until', 'is not', null),
);

export const deleteFileQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.deleteFrom('campaign_files').where('id', '=', param('id')),
);

export const insertRowQuery = query(
  (
    db,
    param: ParameterMaker<{
      fileId: number;
      line: number;
      calledNumber: string | null;
      cells: string;
      skipCode: SkippedRow['code'] | null;
      skipDetail: string | null;
    }>,
  ) =>
    db.insertInto('campaign_rows').values({
      file_id: param('fileId'),
      line: param('line'),
      called_number: param('calledNumber'),
      cells: param('cells'),
      skip_code: param('skipCode'),
      skip_detail: param('skipDetail'),
    }),
);

/** Of every kind, in the order of the file. */
export const rowsQuery = query(
  (db, param: ParameterMaker<{ fileId: number; after: number; limit: number }>) =>
    db
      .selectFrom('campaign_rows')
      .select(['line', 'cells'])
      .where('file_id', '=', param('fileId'))
      .where('line', '>', param('after'))
      .orderBy('line')
      .limit(param('limit')),
);

export const copyRowsQuery = query((db, param: ParameterMaker<{ from: number; to: number } & IdList>) =>
  db
    .insertInto('campaign_rows')
    .columns(['file_id', 'line', 'called_number', 'cells'])
    .expression((eb) =>
      eb
        .selectFrom('campaign_rows')
        .select([
          sql<number>`cast(${param('to')} as integer)`.as('file_id'),
          'line',
          'called_number',
          'cells',
        ])
        .where('file_id', '=', param('from'))
        .where('line', 'in', idsOf(param)),
    ),
);

/** The rows that are called, in the order of the file. */
export const contactsQuery = query(
  (db, param: ParameterMaker<{ fileId: number; after: number; limit: number }>) =>
    db
      .selectFrom('campaign_rows')
      .select(['line', 'cells', 'called_number'])
      .where('file_id', '=', param('fileId'))
      .where('line', '>', param('after'))
      .where('skip_code', 'is', null)
      .orderBy('line')
      .limit(param('limit')),
);

export const deleteContactQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; calledNumber: string }>) =>
    db
      .deleteFrom('campaign_rows')
      .where('called_number', '=', param('calledNumber'))
      .where('file_id', 'in', (eb) =>
        eb.selectFrom('campaign_files').select('id').where('organization_id', '=', param('organizationId')),
      ),
);

/** Of a campaign, and of the one that redials it. */
export const deleteContactOfRunQuery = query(
  (db, param: ParameterMaker<{ campaignId: number; line: number; calledNumber: string }>) =>
    db
      .deleteFrom('campaign_rows')
      .where('called_number', '=', param('calledNumber'))
      .where('line', '=', param('line'))
      .where('file_id', 'in', (eb) =>
        eb
          .selectFrom('campaigns')
          .select('file_id')
          .where((of) =>
            of.or([of('id', '=', param('campaignId')), of('parent_id', '=', param('campaignId'))]),
          ),
      ),
);

export const skippedQuery = query((db, param: ParameterMaker<{ fileId: number; limit: number }>) =>
  db
    .selectFrom('campaign_rows')
    .select(['line', 'skip_code', 'skip_detail'])
    .where('file_id', '=', param('fileId'))
    .where('skip_code', 'is not', null)
    .orderBy('line')
    .limit(param('limit')),
);

/** Of files whose campaigns have all completed before an instant. */
export const agedRowsQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      afterFile: number;
      afterLine: number;
      before: string;
      limit: number;
    }>,
  ) =>
    db
      .selectFrom('campaign_rows')
      .innerJoin('campaign_files', 'campaign_files.id', 'campaign_rows.file_id')
      .select(['campaign_rows.file_id as fileId', 'campaign_rows.line'])
      .where('campaign_files.organization_id', '=', param('organizationId'))
      .where('campaign_files.unused_until', 'is', null)
      .where(
        sql<boolean>`(campaign_rows.file_id, campaign_rows.line) > (${param('afterFile')}, ${param('afterLine')})`,
      )
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('campaigns')
              .select('campaigns.id')
              .whereRef('campaigns.file_id', '=', 'campaign_files.id')
              .where((of) =>
                of.or([of('completed_at', 'is', null), of('completed_at', '>=', param('before'))]),
              ),
          ),
        ),
      )
      .orderBy('campaign_rows.file_id')
      .orderBy('campaign_rows.line')
      .limit(param('limit')),
);

export const deleteRowsOfFileQuery = query((db, param: ParameterMaker<{ fileId: number } & IdList>) =>
  db.deleteFrom('campaign_rows').where('file_id', '=', param('fileId')).where('line', 'in', idsOf(param)),
);

export const deleteRowsQuery = query((db, param: ParameterMaker<{ fileId: number; limit: number }>) =>
  db
    .deleteFrom('campaign_rows')
    .where('file_id', '=', param('fileId'))
    .where('line', 'in', (eb) =>
      eb
        .selectFrom('campaign_rows')
        .select('line')
        .where('file_id', '=', param('fileId'))
        .orderBy('line')
        .limit(param('limit')),
    ),
);
