/** Finds the definition that a trigger URL runs, with the checks of Dograh's public routes in the same order. */
import type {
  AgentConfigurations,
  AgentDefinition,
  AgentNode,
  JsonObject,
  ProblemCode,
} from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import { parseObject } from '../storage/columns';
import type { Session } from '../storage/port';
import {
  findDefinitionText,
  findDefinitionTextWithWebhooks,
  findPinnedDefinition,
  findTriggeredById,
  findTriggeredByPath,
  findTriggeredByUuid,
} from './store';
import { neededVariables, type NeededVariables } from './definition/spoken-variables';
import { isTriggerPath } from './trigger-paths';
import { findDefinitionConfigurations } from './version-store';

export interface RunnableAgent {
  agentId: number;
  agentUuid: string;
  definitionId: number;
  configurations: AgentConfigurations;
  /** Whether it talks where it names no answer, if a model is configured and the carrier can. */
  mayTalk: boolean;
  templateVariables: JsonObject | null;
  needs: NeededVariables;
}

/** The agent of a request. */
export interface TriggeredAgent extends RunnableAgent {
  /** Whether the definition is a draft, which changes in place. */
  isDraft: boolean;
}

/** How a request names its agent: by trigger path, by UUID, or by id (Dograh's test call). */
export type CallTarget = { triggerUuid: string } | { agentUuid: string } | { agentId: number };

type Candidate = NonNullable<Awaited<ReturnType<typeof findTriggeredByPath>>>;

/**
 * `production` runs the published definition; `test` runs the draft, or the published definition if there is no draft.
 * @throws Problem not_found, forbidden (another organization's trigger path) or conflict (no execution owner).
 */
export async function resolveTrigger(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  target: CallTarget,
  mode: 'production' | 'test',
): Promise<TriggeredAgent> {
  const path = 'triggerUuid' in target ? target.triggerUuid : null;
  const agent = await findCandidate(services, organizationId, target);
  // Dograh's test call, by agent id, also works for an archived agent.
  if (agent.agentStatus !== 'active' && !('agentId' in target))
    throw notFound('Workflow is not active', 'agent_not_found');

  const definition = chooseDefinition(agent, mode);
  if (path !== null && definition.path !== path) {
    throw notFound('Trigger not found in the selected Agent', 'trigger_not_found');
  }
  if (path !== null && definition.enabled !== 1)
    throw notFound('Agent trigger is not active', 'trigger_not_found');
  if (agent.ownerId === null) throw new Problem('conflict', 'Workflow has no execution owner');
  return {
    agentId: agent.agentId,
    agentUuid: agent.agentUuid,
    definitionId: definition.id,
    isDraft: definition.id === agent.draftId,
    ...(await runnable(services.storage.read, definition)),
  };
}

/**
 * Finds the definition that a queued call runs. @param call `definitionId`: of the version that it is pinned to; null: the
 * current one.
 * @throws Problem not_found, with the code `agent_archived` for an archived agent; conflict (no execution owner).
 */
export async function resolveQueued(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  {
    agentId,
    mode,
    definitionId,
  }: {
    agentId: number;
    mode: 'production' | 'test';
    definitionId: number | null;
  },
): Promise<RunnableAgent> {
  const session = services.storage.read;
  const agent = await findTriggeredById(session, organizationId, agentId);
  if (agent?.agentStatus !== 'active') {
    throw notFound('The agent of this call is archived, so nobody was called.', 'agent_archived');
  }
  if (agent.ownerId === null) throw new Problem('conflict', 'Workflow has no execution owner');
  const of = { agentId: agent.agentId, agentUuid: agent.agentUuid };
  if (definitionId === null) {
    const definition = chooseDefinition(agent, mode);
    return { ...of, definitionId: definition.id, ...(await runnable(session, definition)) };
  }
  const pinned = await findPinnedDefinition(session, agentId, definitionId);
  if (pinned === undefined)
    throw notFound('The version of this call does not exist any more', 'agent_not_found');
  return { ...of, definitionId, ...(await runnable(session, pinned)) };
}

async function runnable(
  session: Session,
  definition: {
    id: number;
    configurations: string | null;
    variables: string | null;
    needs: string | null;
    /** Null for a draft, which talks as soon as a model is configured. */
    hadModel: number | null;
  },
) {
  return {
    configurations: parseObject(definition.configurations) ?? {},
    mayTalk: definition.hadModel !== 0,
    templateVariables: parseObject(definition.variables),
    needs: await needsOf(session, definition),
  };
}

async function findCandidate(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  target: CallTarget,
): Promise<Candidate> {
  if ('triggerUuid' in target) return findByPath(services, organizationId, target.triggerUuid);
  if ('agentUuid' in target) return findByUuid(services, organizationId, target.agentUuid);
  const agent = await findTriggeredById(services.storage.read, organizationId, target.agentId);
  if (agent === undefined) throw notFound('Workflow not found', 'agent_not_found');
  return agent;
}

/**
 * A path is live while the draft or the published definition has it. For a dead path of another organization the reply
 * is 404, so that it does not reveal that the path existed.
 */
async function findByPath(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  path: string,
): Promise<Candidate> {
  const agent = isTriggerPath(path) ? await findTriggeredByPath(services.storage.read, path) : undefined;
  if (agent === undefined || (agent.publishedPath !== path && agent.draftPath !== path)) {
    throw notFound('Agent trigger not found', 'trigger_not_found');
  }
  if (agent.organizationId !== organizationId) throw new Problem('forbidden', 'Access denied');
  return agent;
}

async function findByUuid(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  uuid: string,
): Promise<Candidate> {
  // Agent UUIDs have the form of a trigger path. A text of another form might not even be valid in a query (NUL, lone
  // surrogates).
  const agent = isTriggerPath(uuid)
    ? await findTriggeredByUuid(services.storage.read, organizationId, uuid)
    : undefined;
  if (agent === undefined) throw notFound('Workflow not found', 'agent_not_found');
  return agent;
}

function chooseDefinition(agent: Candidate, mode: 'production' | 'test') {
  if (mode === 'test' && agent.draftId !== null) {
    return {
      id: agent.draftId,
      path: agent.draftPath,
      enabled: agent.draftEnabled,
      configurations: agent.draftConfigurations,
      variables: agent.draftVariables,
      needs: agent.draftNeeds,
      hadModel: null,
    };
  }
  if (agent.publishedId === null) {
    throw notFound('Workflow has no published definition', 'agent_not_found');
  }
  return {
    id: agent.publishedId,
    path: agent.publishedPath,
    enabled: agent.publishedEnabled,
    configurations: agent.publishedConfigurations,
    variables: agent.publishedVariables,
    needs: agent.publishedNeeds,
    hadModel: agent.publishedHadModel,
  };
}

async function needsOf(
  session: Session,
  { id, needs }: { id: number; needs: string | null },
): Promise<NeededVariables> {
  if (needs !== null) return JSON.parse(needs) as NeededVariables;
  return neededVariables(await loadDefinition(session, id));
}

function notFound(detail: string, code: ProblemCode): Problem {
  return new Problem('not_found', detail, { code });
}

/** Loads the definition that a run is pinned to. */
export async function loadDefinition(session: Session, definitionId: number): Promise<AgentDefinition> {
  const text = await findDefinitionText(session, definitionId);
  if (text === undefined) throw new Error(`There is no definition ${String(definitionId)}`);
  return JSON.parse(text) as AgentDefinition;
}

/**
 * The webhook nodes of the definition that a run is pinned to. It is called at the end of every call, and most
 * definitions have none.
 */
export async function loadWebhookNodes(session: Session, definitionId: number): Promise<AgentNode[]> {
  const text = await findDefinitionTextWithWebhooks(session, definitionId);
  if (text === undefined) return [];
  const { nodes } = JSON.parse(text) as AgentDefinition;
  return nodes.filter(({ type }) => type === 'webhook');
}

/** The configurations of a definition; an empty object when it has none. */
export async function loadConfigurations(
  session: Session,
  definitionId: number,
): Promise<AgentConfigurations> {
  return (await loadAnswering(session, definitionId)).configurations;
}

/** The configurations of a definition, and whether it talks where it names no answer ({@link RunnableAgent}). */
export async function loadAnswering(
  session: Session,
  definitionId: number,
): Promise<Pick<RunnableAgent, 'configurations' | 'mayTalk'>> {
  const found = await findDefinitionConfigurations(session, definitionId);
  return {
    configurations: parseObject(found?.configurations ?? null) ?? {},
    mayTalk: found?.status === 'draft' || found?.hadModel === 1,
  };
}
