/** The queries that erase and delete runs, and those that find which. */
import { sql } from 'kysely';
import { idsOf, type IdList } from '../../storage/id-list';
import { query, type ParameterMaker } from '../../storage/query';
import type { RunRow } from '../store';

/** A place in the list of an organization's runs, oldest first. */
export interface RunPlace {
  createdAt: string;
  id: number;
}

interface Part extends Record<string, string | number> {
  organizationId: number;
  afterTime: string;
  afterId: number;
  before: string;
  limit: number;
}

const agedColumns = [
  'id',
  'organization_id',
  'agent_id',
  'telephony_configuration_id',
  'created_at',
  'completed_at',
  'artifacts_ready_at',
  'recording_key',
  'recording_source',
  'has_transcript',
] as const;

/** What is read of a run that retention visits. */
export type AgedRun = Pick<RunRow, (typeof agedColumns)[number]>;

export const agedQuery = query((db, param: ParameterMaker<Part>) =>
  db
    .selectFrom('runs')
    .select(agedColumns)
    .where('organization_id', '=', param('organizationId'))
    .where(sql<boolean>`(created_at, id) > (${param('afterTime')}, ${param('afterId')})`)
    .where('created_at', '<', param('before'))
    .orderBy('created_at')
    .orderBy('id')
    .limit(param('limit')),
);

export const deleteEventsQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('run_events').where('run_id', 'in', idsOf(param)),
);

export const deleteRunsQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('runs').where('id', 'in', idsOf(param)),
);

export const removeFilesQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .updateTable('runs')
    .set({ recording_key: null, has_transcript: sql.lit(0) })
    .where('id', '=', param('id')),
);

/**
 * Keeps what accounting needs: ids, times, status, duration, and the carrier's id of the call, which is on the
 * carrier's bill. The caller ID is the organization's own.
 */
export const eraseQuery = query((db, param: ParameterMaker<{ id: number; at: string }>) =>
  db
    .updateTable('runs')
    .set({
      called_number: '',
      initial_context: '{}',
      reference: null,
      metadata: null,
      gathered_context: '{}',
      dial_detail: null,
      language: null,
      voice: null,
      voicemail: null,
      ignored_fields: null,
      is_recorded: sql.lit(0),
      has_transcript: sql.lit(0),
      recording_key: null,
      recording_source: null,
      // Its state may hold anything.
      trace: null,
      erased_at: param('at'),
    })
    .where('id', '=', param('id')),
);

interface NumberPart extends Record<string, string | number> {
  organizationId: number;
  calledNumber: string;
  after: number;
  upTo: number;
}

/** The unary plus makes SQLite read the slice by id, not every run of the organization. */
export const toNumberQuery = query((db, param: ParameterMaker<NumberPart>) =>
  db
    .selectFrom('runs')
    .select('id')
    .where('id', '>', param('after'))
    .where('id', '<=', param('upTo'))
    .where(sql<number>`+organization_id`, '=', param('organizationId'))
    .where('called_number', '=', param('calledNumber'))
    .where('erased_at', 'is', null)
    .orderBy('id'),
);

export const newestIdQuery = query((db) => db.selectFrom('runs').select((eb) => eb.fn.max('id').as('id')));
