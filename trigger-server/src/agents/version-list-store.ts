/** The queries of the list of an agent's versions, which is bounded in bytes. */
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

/** How long the texts of each version are. None of them is read. */
export function listDefinitionBytes(session: Session, page: DefinitionPage) {
  return definitionBytesQuery.all(session, page);
}

/** A version as a list has it. Null for each of its texts: they are left out. */
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
 * Every version of the agent, newest first, a page of them.
 * @param wholeFrom of versions that were archived, those before this one come without their texts.
 */
export function listDefinitions(
  session: Session,
  page: DefinitionPage & { wholeFrom: number },
): Promise<ListedDefinition[]> {
  return definitionPageQuery.all(session, page);
}
