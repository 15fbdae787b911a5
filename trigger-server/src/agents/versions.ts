/** Drafts, publishing, and the versions of an agent. An agent has at most one draft and one published version. */
import type {
  AgentConfigurations,
  AgentDefinition,
  AgentVersion,
  DefinitionReport,
  JsonObject,
  UpdateAgentRequest,
} from '@dograh-trigger/shared';
import { recordAudit, type Actor } from '../audit/audit';
import { Problem, type ProblemKind } from '../problem';
import type { Services } from '../services';
import { parseObject } from '../storage/columns';
import type { Session } from '../storage/port';
import { answerOf } from './definition/answer';
import { namesTools } from './definition/function-faults';
import type { NamedTools } from './definition/named-tools';
import { publishingFaults, structuralFaults } from './definition/validation';
import { definitionWarnings } from './definition/warnings';
import { presentVersion } from './present';
import { requireRevision, shownDefinition } from './revision';
import { neededVariables } from './definition/spoken-variables';
import {
  insertDefinition,
  listCurrentDefinitions,
  setDefinitionStatus,
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
import { listDefinitionBytes, listDefinitions, stampModel } from './version-store';

/**
 * The columns of a definition. Values that a trigger needs get columns of their own, so that it does not parse JSON.
 */
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

/** The tools that a definition may name: those of the organization, or none where it names none. */
function toolsFor(
  { namedTools }: Pick<Services, 'namedTools'>,
  session: Session,
  organizationId: number,
  definition: AgentDefinition,
): Promise<NamedTools> {
  return namesTools(definition) ? namedTools(session, organizationId) : Promise.resolve(new Map());
}

/**
 * @throws Problem unprocessable for an invalid trigger path. @throws Problem of `structuralKind` for structural faults:
 * their status differs by route in Dograh.
 */
export async function checkBeforeSaving(
  services: Pick<Services, 'namedTools' | 'hasModel'>,
  session: Session,
  organizationId: number,
  { definition, configurations }: { definition: AgentDefinition; configurations: AgentConfigurations },
  structuralKind: ProblemKind,
): Promise<void> {
  const pathFaults = triggerPathFaults(definition);
  if (pathFaults.length > 0) throw new Problem('unprocessable', { is_valid: false, errors: pathFaults });
  const tools = await toolsFor(services, session, organizationId, definition);
  const hasModel = await services.hasModel(session, organizationId);
  const { answer } = answerOf({ status: 'draft', had_model: 0 }, configurations, hasModel);
  const faults = structuralFaults(definition, tools, answer === 'converse');
  if (faults.length > 0) throw new Problem(structuralKind, { is_valid: false, errors: faults });
}

/**
 * Saves the given parts into the draft, which starts as a copy of the published version. The published version does not
 * change.
 */
export async function saveDraft(
  services: Pick<Services, 'clock' | 'chance' | 'namedTools' | 'hasModel'>,
  session: Session,
  agent: { id: number; organizationId: number },
  changes: Pick<
    UpdateAgentRequest,
    'workflow_definition' | 'workflow_configurations' | 'template_context_variables'
  >,
): Promise<void> {
  const given = [
    changes.workflow_definition,
    changes.workflow_configurations,
    changes.template_context_variables,
  ];
  if (given.every((part) => part === null || part === undefined)) return;
  if (changes.workflow_definition) {
    const definition = withTriggerPaths(services, changes.workflow_definition);
    const shown = shownDefinition(await listCurrentDefinitions(session, agent.id));
    const configurations: AgentConfigurations =
      changes.workflow_configurations ?? parseObject(shown?.configurations ?? null) ?? {};
    const content = { definition, configurations };
    await checkBeforeSaving(services, session, agent.organizationId, content, 'conflict');
    await claimTriggerPaths(services, session, agent, definition);
    await writeDraft(services, session, agent.id, { ...changes, workflow_definition: definition });
  } else {
    await writeDraft(services, session, agent.id, changes);
  }
}

async function writeDraft(
  services: Pick<Services, 'clock'>,
  session: Session,
  agentId: number,
  changes: Parameters<typeof saveDraft>[3],
): Promise<void> {
  const draft = await requireDraft(services, session, agentId);
  await updateDefinition(session, {
    id: draft.id,
    ...contentOf(
      changes.workflow_definition ?? (JSON.parse(draft.definition) as AgentDefinition),
      // The schema passes unknown keys through, so its output is a JSON object although its type lists only some keys.
      changes.workflow_configurations
        ? (changes.workflow_configurations as JsonObject)
        : parseObject(draft.configurations),
      changes.template_context_variables ?? parseObject(draft.template_variables),
    ),
  });
}

/** Returns the draft, or creates it from the published version. */
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
    hadModel: 0,
  });
  return requireDraft(services, session, agentId);
}

export async function createDraft(
  services: Pick<Services, 'storage' | 'clock'>,
  agentId: number,
): Promise<AgentVersion> {
  return presentVersion(await services.storage.write((session) => requireDraft(services, session, agentId)));
}

/**
 * @param revision publishes nothing unless the agent still has it; null publishes in any case.
 * @throws Problem bad_request when there is no draft; unprocessable with the draft's faults; conflict for another revision.
 */
export async function publishDraft(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'namedTools' | 'hasModel' | 'modelFault'>,
  actor: Actor,
  agentId: number,
  revision: string | null,
) {
  return services.storage.write(async (session) => {
    const agent = { id: agentId, organizationId: actor.organizationId };
    await session.lock('organization', agent.organizationId);
    if (revision !== null) await requireRevision(session, agent, revision);
    const definitions = await listCurrentDefinitions(session, agentId);
    const draft = definitions.find(({ status }) => status === 'draft');
    if (draft === undefined) throw new Problem('bad_request', 'No draft to publish');
    const report = await validateDefinition(services, session, agent.organizationId, draft);
    if (!report.is_valid) throw new Problem('unprocessable', report);
    const published = definitions.find(({ status }) => status === 'published');
    if (published !== undefined)
      await setDefinitionStatus(session, published.id, 'archived', published.published_at);
    const at = services.clock.now().toISOString();
    await setDefinitionStatus(session, draft.id, 'published', at);
    await stampModel(session, draft.id, await services.hasModel(session, agent.organizationId));
    await recordAudit(services, session, actor, { action: 'agent.published', subjectId: agentId });
    if (published !== undefined && published.trigger_enabled !== draft.trigger_enabled) {
      const action = draft.trigger_enabled === 1 ? 'trigger.enabled' : 'trigger.disabled';
      await recordAudit(services, session, actor, { action, subjectId: agentId });
    }
    return {
      id: draft.id,
      version_number: draft.version_number,
      status: 'published' as const,
      published_at: at,
      ...(report.warnings === undefined ? {} : { warnings: report.warnings }),
    };
  });
}

/**
 * Validates the draft, or the published version if there is no draft. @throws Problem unprocessable with the faults.
 */
export async function validateAgent(
  services: Pick<Services, 'config' | 'storage' | 'namedTools' | 'hasModel' | 'modelFault'>,
  { id: agentId, organizationId }: { id: number; organizationId: number },
): Promise<DefinitionReport> {
  const session = services.storage.read;
  const definitions = await listCurrentDefinitions(session, agentId);
  const shown = shownDefinition(definitions);
  if (shown === undefined) throw new Error(`Agent ${String(agentId)} has no definition`);
  const report = await validateDefinition(services, session, organizationId, shown);
  if (!report.is_valid) throw new Problem('unprocessable', report);
  return report;
}

/** Plain Dograh has no warnings. */
async function validateDefinition(
  services: Pick<Services, 'config' | 'namedTools' | 'hasModel' | 'modelFault'>,
  session: Session,
  organizationId: number,
  row: DefinitionRow,
): Promise<DefinitionReport> {
  const definition = JSON.parse(row.definition) as AgentDefinition;
  const tools = await toolsFor(services, session, organizationId, definition);
  const configurations: AgentConfigurations = parseObject(row.configurations) ?? {};
  const answer = answerOf(row, configurations, await services.hasModel(session, organizationId));
  const talks = answer.answer === 'converse';
  const errors = [...triggerPathFaults(definition), ...publishingFaults(definition, tools, talks)];
  const report = { is_valid: errors.length === 0, errors };
  if (services.config.extensions.size === 0) return report;
  const warnings = definitionWarnings(definition, configurations, {
    templateVariables: parseObject(row.template_variables) ?? {},
    tools,
    answer: answer.answer,
    modelFault: talks
      ? await services.modelFault(session, organizationId, configurations as JsonObject)
      : null,
  });
  return { ...report, warnings, ...answer };
}

/** Texts beyond this size are left out of a page. The draft and the published version are always whole. */
const pageBytes = 1024 * 1024;

/** Lists versions, newest first. Plain Dograh lists all of them whole. */
export async function listVersions(
  { config, storage }: Pick<Services, 'config' | 'storage'>,
  agentId: number,
  limit: number,
  offset: number,
): Promise<AgentVersion[]> {
  const page = { agentId, limit, offset };
  const wholeFrom = config.extensions.size === 0 ? 0 : await oldestWholeVersion(storage.read, page);
  return (await listDefinitions(storage.read, { ...page, wholeFrom })).map(presentVersion);
}

/**
 * The number of the oldest version that is listed whole: the newer ones on the page have fewer than `pageBytes`
 * together.
 */
async function oldestWholeVersion(
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
