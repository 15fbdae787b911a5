/** The queries of an agent's versions. The size of a page of their list is bounded in bytes. */
import { sql } from 'kysely';
import { query, type ParameterMaker } from '../storage/query';
import type { Session } from '../storage/port';
import type { DefinitionRow } from './store';

interface DefinitionPage extends Record<string, number> {
  agentId: number;
  limit: number;
  offset: number;
}

const definitionBytesQuery = query((db, param: ParameterMaker<DefinitionPage>) =>
  db
    .selectFrom('definitions')
    .select('version_number')
    .select(
      sql<number>`octet_length(definition) + coalesce(octet_length(configurations), 0) + coalesce(octet_length(template_variables), 0)`.as(
        'bytes',
      ),
    )
    .where('agent_id', '=', param('agentId'))
    .orderBy('version_number', 'desc')
    .limit(param('limit'))
    .offset(param('offset')),
);

/** The size in bytes of each version's texts, without reading the texts. */
export function listDefinitionBytes(session: Session, page: DefinitionPage) {
  return definitionBytesQuery.all(session, page);
}

/** A version in a list. Texts that are left out are null. */
export type ListedDefinition = Pick<
  DefinitionRow,
  'id' | 'version_number' | 'status' | 'created_at' | 'published_at' | 'configurations' | 'template_variables'
> & { definition: string | null };

const definitionPageQuery = query((db, param: ParameterMaker<DefinitionPage & { wholeFrom: number }>) => {
  const unlessLeftOut = <Text>(column: 'definition' | 'configurations' | 'template_variables') =>
    sql<Text>`case when status <> 'archived' or version_number >= ${param('wholeFrom')} then ${sql.ref(column)} end`.as(
      column,
    );
  return db
    .selectFrom('definitions')
    .select(['id', 'version_number', 'status', 'created_at', 'published_at'])
    .select([
      unlessLeftOut<string | null>('definition'),
      unlessLeftOut<string | null>('configurations'),
      unlessLeftOut<string | null>('template_variables'),
    ])
    .where('agent_id', '=', param('agentId'))
    .orderBy('version_number', 'desc')
    .limit(param('limit'))
    .offset(param('offset'));
});

/**
 * One page of the agent's versions, newest first.
 * @param wholeFrom archived versions with a lower number come without their texts.
 */
export function listDefinitions(
  session: Session,
  page: DefinitionPage & { wholeFrom: number },
): Promise<ListedDefinition[]> {
  return definitionPageQuery.all(session, page);
}

const definitionConfigurationsQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .selectFrom('definitions')
    .select(['configurations', 'status', 'had_model as hadModel'])
    .where('id', '=', param('id')),
);

/** Undefined when there is no such definition. */
export function findDefinitionConfigurations(session: Session, id: number) {
  return definitionConfigurationsQuery.first(session, { id });
}

const stampQuery = query((db, param: ParameterMaker<{ id: number; hadModel: number }>) =>
  db
    .updateTable('definitions')
    .set({ had_model: param('hadModel') })
    .where('id', '=', param('id')),
);

/** Notes whether a language model was configured when a version was published. */
export function stampModel(session: Session, id: number, hadModel: boolean): Promise<number> {
  return stampQuery.changes(session, { id, hadModel: hadModel ? 1 : 0 });
}
