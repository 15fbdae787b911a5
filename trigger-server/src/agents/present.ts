/** Agents and versions as the API shows them. */
import type { Agent, AgentDefinition, AgentListItem, AgentVersion } from '@dograh-trigger/shared';
import type { Config } from '../config';
import { parseObject } from '../storage/columns';
import { revisionOf, shownDefinition } from './revision';
import type { AgentRow, DefinitionRow, ListedAgent } from './store';
import type { ListedDefinition } from './version-store';

export function presentListItem({ extensions }: Config, row: ListedAgent): AgentListItem {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    created_at: row.created_at,
    total_runs: row.run_count,
    folder_id: null,
    workflow_uuid: row.uuid,
    ...(extensions.size === 0
      ? {}
      : { published_version: row.published_version, draft_version: row.draft_version }),
  };
}

/**
 * The agent with the content of its draft, or of the published version if there is no draft, as Dograh shows it.
 * @param origin the origin under which the caller reached this server, for trigger URLs that this caller can use.
 */
export function presentAgent(
  { extensions, publicBaseUrl }: Config,
  origin: string,
  row: AgentRow,
  definitions: readonly DefinitionRow[],
): Agent {
  const base = publicBaseUrl ?? origin;
  const published = definitions.find(({ status }) => status === 'published');
  const shown = shownDefinition(definitions);
  if (shown === undefined)
    throw new Error(`Agent ${String(row.id)} has neither a draft nor a published definition`);
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    created_at: row.created_at,
    workflow_definition: JSON.parse(shown.definition) as AgentDefinition,
    current_definition_id: published?.id ?? null,
    template_context_variables: parseObject(shown.template_variables),
    call_disposition_codes: { disposition_codes: [] },
    total_runs: row.run_count,
    workflow_configurations: parseObject(shown.configurations),
    version_number: shown.version_number,
    version_status: shown.status,
    workflow_uuid: row.uuid,
    ...(extensions.size === 0
      ? {}
      : {
          revision: revisionOf(row, shown),
          trigger_urls: {
            production: triggerUrl(base, '', published),
            test: triggerUrl(base, 'test/', shown),
          },
        }),
  };
}

function triggerUrl(base: string, route: string, definition: DefinitionRow | undefined): string | null {
  const path = definition?.trigger_enabled === 1 ? definition.trigger_path : null;
  return path === null ? null : `${base}/api/v1/public/agent/${route}${path}`;
}

/** A version whose texts the list left out names them in `omitted_fields`. */
export function presentVersion(row: ListedDefinition): AgentVersion {
  const { definition } = row;
  return {
    id: row.id,
    version_number: row.version_number,
    status: row.status,
    created_at: row.created_at,
    published_at: row.published_at,
    workflow_json:
      definition === null ? { nodes: [], edges: [] } : (JSON.parse(definition) as AgentDefinition),
    workflow_configurations: parseObject(row.configurations),
    template_context_variables: parseObject(row.template_variables),
    ...(definition === null
      ? { omitted_fields: ['workflow_json', 'workflow_configurations', 'template_context_variables'] }
      : {}),
  };
}
