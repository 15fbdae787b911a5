/** The queries of the list of an agent's versions. The size of a page is bounded in bytes. */
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
