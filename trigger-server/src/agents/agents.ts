/** Creating, listing and changing agents. The rules for definitions are in `definition/validation.ts`. */
import type {
  Agent,
  AgentDefinition,
  AgentListItem,
  AgentStatus,
  JsonObject,
  UpdateAgentRequest,
} from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { presentAgent, presentListItem } from './present';
import { requireRevision } from './revision';
import {
  findAgent,
  insertAgent,
  insertDefinition,
  listAgents,
  listCurrentDefinitions,
  renameAgent,
  setAgentStatus,
  type AgentRow,
} from './store';
import { claimTriggerPaths, withTriggerPaths } from './trigger-paths';
import { checkBeforeSaving, contentOf, saveDraft } from './versions';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'chance'>;

/** @throws Problem not_found. @param word "id" or "ID": Dograh's text differs by route. */
export async function requireAgent(
  session: Session,
  organizationId: number,
  id: number,
  word = 'id',
): Promise<AgentRow> {
  const agent = await findAgent(session, organizationId, id);
  if (agent === undefined) throw new Problem('not_found', `Workflow with ${word} ${String(id)} not found`);
  return agent;
}

/**
 * Creates an agent and publishes it at once. @throws Problem unprocessable or conflict, with the definition's faults.
 */
export async function createAgent(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  values: {
    organizationId: number;
    userId: number | null;
    name: string;
    definition: AgentDefinition;
    configurations?: JsonObject | null;
    templateVariables?: JsonObject | null;
  },
): Promise<number> {
  const definition = withTriggerPaths(services, values.definition);
  checkBeforeSaving(definition, 'unprocessable');
  const at = services.clock.now().toISOString();
  const { organizationId, userId, name } = values;
  const id = await insertAgent(session, { uuid: services.chance.uuid(), organizationId, userId, name, at });
  await claimTriggerPaths(services, session, { id, organizationId }, definition);
  await insertDefinition(session, {
    ...contentOf(definition, values.configurations ?? null, values.templateVariables ?? null),
    agentId: id,
    versionNumber: 1,
    status: 'published',
    at,
    publishedAt: at,
  });
  return id;
}

export async function addAgent(
  services: Needs,
  values: Parameters<typeof createAgent>[2],
  origin: string,
): Promise<Agent> {
  const id = await services.storage.write((session) => createAgent(services, session, values));
  return readAgent(services, values.organizationId, id, origin);
}

/**
 * @param origin the origin under which the caller reached this server. The agent's trigger URLs begin with it, unless
 * PUBLIC_BASE_URL is set.
 * @throws Problem not_found.
 */
export async function readAgent(
  services: Pick<Services, 'config' | 'storage'>,
  organizationId: number,
  id: number,
  origin: string,
): Promise<Agent> {
  const session = services.storage.read;
  const agent = await requireAgent(session, organizationId, id);
  return presentAgent(services.config, origin, agent, await listCurrentDefinitions(session, id));
}

/** @param statuses which to list, grouped in this order; null lists all agents. */
export async function listOwnAgents(
  services: Pick<Services, 'config' | 'storage'>,
  organizationId: number,
  statuses: readonly AgentStatus[] | null,
): Promise<AgentListItem[]> {
  const agents = await listAgents(services.storage.read, organizationId);
  const chosen =
    statuses === null
      ? agents
      : statuses.flatMap((status) => agents.filter((agent) => agent.status === status));
  return chosen.map((agent) => presentListItem(services.config, agent));
}

/**
 * Renames the agent at once; all other changes go into the draft. With a revision, nothing is changed unless the agent
 * still has it. @throws Problem not_found, unprocessable or conflict.
 */
export async function changeAgent(
  services: Needs,
  organizationId: number,
  id: number,
  changes: UpdateAgentRequest,
  origin: string,
): Promise<Agent> {
  await services.storage.write(async (session) => {
    await session.lock('organization', organizationId);
    await requireAgent(session, organizationId, id, 'ID');
    const agent = { id, organizationId };
    if (typeof changes.revision === 'string') await requireRevision(session, agent, changes.revision);
    if (typeof changes.name === 'string') await renameAgent(session, id, changes.name);
    await saveDraft(services, session, agent, changes);
  });
  return readAgent(services, organizationId, id, origin);
}

/** @throws Problem not_found. */
export async function changeStatus(
  services: Pick<Services, 'config' | 'storage'>,
  organizationId: number,
  id: number,
  status: AgentStatus,
  origin: string,
): Promise<Agent> {
  await services.storage.write(async (session) => {
    await requireAgent(session, organizationId, id, 'ID');
    await setAgentStatus(session, id, status);
  });
  return readAgent(services, organizationId, id, origin);
}

/**
 * Copies the draft (or the published version) into a new agent with its own trigger paths. @throws Problem not_found.
 */
export async function duplicateAgent(
  services: Needs,
  organizationId: number,
  userId: number | null,
  id: number,
  origin: string,
): Promise<Agent> {
  const original = await readAgent(services, organizationId, id, origin);
  const copy = {
    organizationId,
    userId,
    name: `${original.name} - Duplicate`,
    definition: withTriggerPaths(services, original.workflow_definition, true),
    configurations: original.workflow_configurations ?? null,
    templateVariables: original.template_context_variables ?? null,
  };
  return addAgent(services, copy, origin);
}
