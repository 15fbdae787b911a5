/** Drafts, publishing, and the versions of an agent. At most one draft and one published version exist. */
import type {
  AgentConfigurations,
  AgentDefinition,
  AgentVersion,
  DefinitionReport,
  JsonObject,
  UpdateAgentRequest,
} from '@dograh-trigger/shared';
import { Problem, type ProblemKind } from '../problem';
import type { Services } from '../services';
import { parseObject } from '../storage/columns';
import type { Session } from '../storage/port';
import { publishingFaults, structuralFaults } from './definition/validation';
import { definitionWarnings } from './definition/warnings';
import { presentVersion } from './present';
import { neededVariables } from './definition/spoken-variables';
import {
  insertDefinition,
  listCurrentDefinitions,
  moveDefinition,
  updateDefinition,
  type DefinitionRow,
} from './store';
import {
  claimTriggerPaths,
  triggerNodes,
  triggerPathFaults,
  triggerPathOf,
  withTriggerPaths,
} from './trigger-paths';
import { listDefinitionBytes, listDefinitions } from './version-list-store';

/** The columns that hold a definition; what a trigger needs of it is copied out, so that it reads columns only. */
export function contentOf(
  definition: AgentDefinition,
  configurations: JsonObject | null,
  templateVariables: JsonObject | null,
) {
  const [trigger] = triggerNodes(definition);
  return {
    definition: JSON.stringify(definition),
    configurations: configurations === null ? null : JSON.stringify(configurations),
    templateVariables: templateVariables === null ? null : JSON.stringify(templateVariables),
    triggerPath: triggerPathOf(trigger),
    triggerEnabled: trigger?.data.enabled === false ? 0 : 1,
    neededVariables: JSON.stringify(neededVariables(definition)),
  };
}

/** @throws Problem unprocessable for a trigger path's form; `structuralKind` for the rest, which differs by route in Dograh. */
export function checkBeforeSaving(definition: AgentDefinition, structuralKind: ProblemKind): void {
  const pathFaults = triggerPathFaults(definition);
  if (pathFaults.length > 0) throw new Problem('unprocessable', { is_valid: false, errors: pathFaults });
  const faults = structuralFaults(definition);
  if (faults.length > 0) throw new Problem(structuralKind, { is_valid: false, errors: faults });
}

/** Writes what is given into the draft, which starts as a copy of the published version. Production is not touched. */
export async function saveDraft(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  agent: { id: number; organizationId: number },
  wish: Pick<
    UpdateAgentRequest,
    'workflow_definition' | 'workflow_configurations' | 'template_context_variables'
  >,
): Promise<void> {
  const given = [wish.workflow_definition, wish.workflow_configurations, wish.template_context_variables];
  if (given.every((part) => part === null || part === undefined)) return;
  if (wish.workflow_definition) {
    const definition = withTriggerPaths(services, wish.workflow_definition);
    checkBeforeSaving(definition, 'conflict');
    await claimTriggerPaths(services, session, agent, definition);
    await writeDraft(services, session, agent.id, { ...wish, workflow_definition: definition });
  } else {
    await writeDraft(services, session, agent.id, wish);
  }
}

async function writeDraft(
  services: Pick<Services, 'clock'>,
  session: Session,
  agentId: number,
  wish: Parameters<typeof saveDraft>[3],
): Promise<void> {
  const draft = await requireDraft(services, session, agentId);
  await updateDefinition(session, {
    id: draft.id,
    ...contentOf(
      wish.workflow_definition ?? (JSON.parse(draft.definition) as AgentDefinition),
      // A schema's output is JSON as it came in; the object's own type only names some of its keys.
      wish.workflow_configurations
        ? (wish.workflow_configurations as JsonObject)
        : parseObject(draft.configurations),
      wish.template_context_variables ?? parseObject(draft.template_variables),
    ),
  });
}

/** The draft, made from the published version if there is none. */
async function requireDraft(
  services: Pick<Services, 'clock'>,
  session: Session,
  agentId: number,
): Promise<DefinitionRow> {
  const definitions = await listCurrentDefinitions(session, agentId);
  const existing = definitions.find(({ status }) => status === 'draft');
  if (existing !== undefined) return existing;
  const published = definitions.find(({ status }) => status === 'published');
  if (published === undefined)
    throw new Error(`Agent ${String(agentId)} has no published definition to draft from`);
  await insertDefinition(session, {
    agentId,
    versionNumber: (definitions[0]?.version_number ?? 0) + 1,
    status: 'draft',
    definition: published.definition,
    configurations: published.configurations,
    templateVariables: published.template_variables,
    triggerPath: published.trigger_path,
    triggerEnabled: published.trigger_enabled,
    neededVariables: published.needed_variables,
    at: services.clock.now().toISOString(),
    publishedAt: null,
  });
  return requireDraft(services, session, agentId);
}

export async function createDraft(
  services: Pick<Services, 'storage' | 'clock'>,
  agentId: number,
): Promise<AgentVersion> {
  return presentVersion(await services.storage.write((session) => requireDraft(services, session, agentId)));
}

/** @throws Problem bad_request without a draft; unprocessable with its faults. */
export async function publishDraft(
  services: Pick<Services, 'config' | 'storage' | 'clock'>,
  agentId: number,
) {
  return services.storage.write(async (session) => {
    const definitions = await listCurrentDefinitions(session, agentId);
    const draft = definitions.find(({ status }) => status === 'draft');
    if (draft === undefined) throw new Problem('bad_request', 'No draft to publish');
    const report = validateDefinition(services, draft);
    if (!report.is_valid) throw new Problem('unprocessable', report);
    const published = definitions.find(({ status }) => status === 'published');
    if (published !== undefined)
      await moveDefinition(session, published.id, 'archived', published.published_at);
    const at = services.clock.now().toISOString();
    await moveDefinition(session, draft.id, 'published', at);
    return {
      id: draft.id,
      version_number: draft.version_number,
      status: 'published' as const,
      published_at: at,
      ...(report.warnings === undefined ? {} : { warnings: report.warnings }),
    };
  });
}

/** The draft, or the published version if there is none. @throws Problem unprocessable with the faults. */
export async function validateAgent(
  services: Pick<Services, 'config' | 'storage'>,
  agentId: number,
): Promise<DefinitionReport> {
  const definitions = await listCurrentDefinitions(services.storage.read, agentId);
  const shown =
    definitions.find(({ status }) => status === 'draft') ??
    definitions.find(({ status }) => status === 'published');
  if (shown === undefined) throw new Error(`Agent ${String(agentId)} has no definition`);
  const report = validateDefinition(services, shown);
  if (!report.is_valid) throw new Problem('unprocessable', report);
  return report;
}

/** Plain Dograh warns of nothing. */
function validateDefinition({ config }: Pick<Services, 'config'>, row: DefinitionRow): DefinitionReport {
  const definition = JSON.parse(row.definition) as AgentDefinition;
  const errors = [...triggerPathFaults(definition), ...publishingFaults(definition)];
  const report = { is_valid: errors.length === 0, errors };
  if (config.extensions.size === 0) return report;
  const configurations: AgentConfigurations = parseObject(row.configurations) ?? {};
  const templateVariables = parseObject(row.template_variables) ?? {};
  return { ...report, warnings: definitionWarnings(definition, configurations, templateVariables) };
}

/** Of a page's versions; what comes after it is left out. Two versions run, and are always whole. */
const pageBytes = 1024 * 1024;

/** Newest first. Plain Dograh lists each of them whole. */
export async function listVersions(
  { config, storage }: Pick<Services, 'config' | 'storage'>,
  agentId: number,
  limit: number,
  offset: number,
): Promise<AgentVersion[]> {
  const page = { agentId, limit, offset };
  const wholeFrom = config.extensions.size === 0 ? 0 : await firstWhole(storage.read, page);
  return (await listDefinitions(storage.read, { ...page, wholeFrom })).map(presentVersion);
}

/** The oldest version of the page before which the others have less than so many bytes: the first one at least. */
async function firstWhole(
  session: Session,
  page: Parameters<typeof listDefinitionBytes>[1],
): Promise<number> {
  let oldest = 0;
  let bytesBefore = 0;
  for (const { version_number, bytes } of await listDefinitionBytes(session, page)) {
    if (bytesBefore >= pageBytes) break;
    oldest = version_number;
    bytesBefore += bytes;
  }
  return oldest;
}
