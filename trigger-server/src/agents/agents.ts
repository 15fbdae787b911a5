/** Creating, listing and changing agents. The rules for definitions are in `definition/validation.ts`. */
import type {
  Agent,
  AgentConfigurations,
  AgentDefinition,
  AgentListItem,
  AgentStatus,
  JsonObject,
  UpdateAgentRequest,
} from '@dograh-trigger/shared';
import { recordAudit } from '../audit/audit';
import { mayUseAgent } from '../http/access/key-scope';
import type { Identity } from '../http/route';
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
import { agentFor } from './texts-only';
import { claimTriggerPaths, withTriggerPaths } from './trigger-paths';
import { checkBeforeSaving, contentOf, saveDraft } from './versions';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'namedTools' | 'hasModel'>;

/** @throws Problem not_found. @param word "id" or "ID": Dograh's text differs by route. */
export async function requireAgent(
  session: Session,
  organizationId: number,
  id: number,
  word = 'id',
): Promise<AgentRow> {
  const agent = await findAgent(session, organizationId, id);
  if (agent === undefined) throw agentNotFound(id, word);
  return agent;
}

function agentNotFound(id: number, word = 'id'): Problem {
  return new Problem('not_found', `Workflow with ${word} ${String(id)} not found`);
}

/**
 * Creates an agent and publishes it at once. @throws Problem unprocessable or conflict, with the definition's faults.
 */
export async function createAgent(
  services: Pick<Services, 'clock' | 'chance' | 'namedTools' | 'hasModel'>,
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
  const content = { definition, configurations: (values.configurations ?? {}) as AgentConfigurations };
  await checkBeforeSaving(services, session, values.organizationId, content, 'unprocessable');
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
    hadModel: (await services.hasModel(session, organizationId)) ? 1 : 0,
  });
  return id;
}

/** @throws Problem as {@link createAgent}. */
export async function addAgent(
  services: Needs,
  identity: Identity,
  values: Omit<Parameters<typeof createAgent>[2], 'organizationId' | 'userId'>,
  origin: string,
): Promise<Agent> {
  const { organizationId, userId } = identity;
  const id = await services.storage.write(async (session) => {
    const created = await createAgent(services, session, { ...values, organizationId, userId });
    await recordAudit(services, session, identity, { action: 'agent.created', subjectId: created });
    return created;
  });
  return readAgent(services, identity, id, origin);
}

/**
 * An agent that the caller may use. @throws Problem not_found.
 */
export async function requireVisibleAgent(
  session: Session,
  identity: Identity,
  id: number,
): Promise<AgentRow> {
  const agent = await requireAgent(session, identity.organizationId, id);
  if (!mayUseAgent(identity, id)) throw agentNotFound(id);
  return agent;
}

/**
 * @param origin the origin under which the caller reached this server. The agent's trigger URLs begin with it, unless
 * PUBLIC_BASE_URL is set.
 * @throws Problem not_found.
 */
export async function readAgent(
  services: Pick<Services, 'config' | 'storage'>,
  identity: Identity,
  id: number,
  origin: string,
): Promise<Agent> {
  const session = services.storage.read;
  const row = await requireVisibleAgent(session, identity, id);
  const agent = presentAgent(services.config, origin, row, await listCurrentDefinitions(session, id));
  return agentFor(identity, agent);
}

/**
 * The agents that the caller may use.
 * @param statuses which to list, grouped in this order; null lists all.
 */
export async function listOwnAgents(
  services: Pick<Services, 'config' | 'storage'>,
  identity: Identity,
  statuses: readonly AgentStatus[] | null,
): Promise<AgentListItem[]> {
  const all = await listAgents(services.storage.read, identity.organizationId);
  const agents = all.filter(({ id }) => mayUseAgent(identity, id));
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
  identity: Identity,
  id: number,
  changes: UpdateAgentRequest,
  origin: string,
): Promise<Agent> {
  const { organizationId } = identity;
  await services.storage.write(async (session) => {
    await session.lock('organization', organizationId);
    await requireAgent(session, organizationId, id, 'ID');
    const agent = { id, organizationId };
    if (typeof changes.revision === 'string') await requireRevision(session, agent, changes.revision);
    if (typeof changes.name === 'string') await renameAgent(session, id, changes.name);
    await saveDraft(services, session, agent, changes);
    await recordAudit(services, session, identity, {
      action: 'agent.changed',
      subjectId: id,
      changed: Object.entries(changes).flatMap(([name, value]) =>
        value == null || name === 'revision' ? [] : [name],
      ),
    });
  });
  return readAgent(services, identity, id, origin);
}

/** @throws Problem not_found. */
export async function changeStatus(
  services: Pick<Services, 'config' | 'storage' | 'clock'>,
  identity: Identity,
  id: number,
  status: AgentStatus,
  origin: string,
): Promise<Agent> {
  await services.storage.write(async (session) => {
    await requireAgent(session, identity.organizationId, id, 'ID');
    await setAgentStatus(session, id, status);
    const action = status === 'active' ? 'agent.restored' : 'agent.archived';
    await recordAudit(services, session, identity, { action, subjectId: id });
  });
  return readAgent(services, identity, id, origin);
}

/**
 * Copies the draft (or the published version) into a new agent with its own trigger paths. @throws Problem not_found.
 */
export async function duplicateAgent(
  services: Needs,
  identity: Identity,
  id: number,
  origin: string,
): Promise<Agent> {
  const original = await readAgent(services, identity, id, origin);
  const copy = {
    name: `${original.name} - Duplicate`,
    definition: withTriggerPaths(services, original.workflow_definition, true),
    configurations: original.workflow_configurations ?? null,
    templateVariables: original.template_context_variables ?? null,
  };
  return addAgent(services, identity, copy, origin);
}
