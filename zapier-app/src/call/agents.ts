/** Agents by what people put into an Agent field: a choice from the list, or what another step gave. */
import {
  fieldRefusal,
  fieldText,
  isTriggerError,
  parseTriggerReference,
  type AgentChoice,
  type CallTarget,
  type Environment,
  type TriggerClient,
} from '@dograh-trigger/shared';
import { readTarget } from '../platform/fields';

/** The end of the trigger route for an agent's own UUID, which needs no trigger node in the agent. */
export function agentValue(uuid: string): string {
  return `workflow/${uuid}`;
}

/**
 * Whom a call is placed with. A value without a slash may be an agent's UUID, its number or a trigger path, which the list
 * of agents tells; a number is never a trigger path.
 *
 * @throws TriggerError
 */
export async function findTarget(
  client: TriggerClient,
  value: unknown,
  environment: Environment,
): Promise<CallTarget> {
  const target = readTarget(value, environment);
  const id = bareId(value);
  if (id === undefined) return target;
  const agent = await findByIdentifier(client, id);
  if (agent !== undefined) return { agentUuid: agent.uuid };
  if (isNumber(id)) throw fieldRefusal('Agent', `there is no active agent with the number ${id}`);
  return target;
}

/**
 * The agent that a value names; undefined for one that is named by its trigger, which no list holds, or not mapped yet.
 *
 * @throws TriggerError `not_found` when there is no active agent with the UUID of a choice from the list.
 */
export async function findNamedAgent(
  client: TriggerClient,
  value: unknown,
): Promise<AgentChoice | undefined> {
  const id = bareId(value);
  if (id !== undefined) return findByIdentifier(client, id);
  const target = parseTriggerReference(fieldText(value))?.target;
  return target !== undefined && 'agentUuid' in target ? client.findAgent(target.agentUuid) : undefined;
}

/** The agent that an optional filter chooses; undefined when it is empty. @throws TriggerError */
export async function chosenAgent(client: TriggerClient, value: unknown): Promise<AgentChoice | undefined> {
  if (fieldText(value) === '') return undefined;
  const agent = await findNamedAgent(client, value);
  if (agent !== undefined) return agent;
  throw fieldRefusal('Agent', 'choose one from the list, enter its number, or leave it empty for all');
}

/** What an agent's name may cost, retries included. */
const nameSeconds = 5;

/**
 * The agent of a call that was placed. Nothing may fail the step after a dial or hold it up: an agent that cannot be read
 * has no name.
 */
export async function nameAgent(
  client: TriggerClient,
  { uuid, id }: Partial<Pick<AgentChoice, 'uuid' | 'id'>>,
): Promise<AgentChoice | undefined> {
  if (uuid === undefined && id === undefined) return undefined;
  try {
    const agents = await client.listAgents({ signal: AbortSignal.timeout(nameSeconds * 1000) });
    return agents.find((agent) => (uuid === undefined ? agent.id === id : agent.uuid === uuid));
  } catch (error) {
    if (isTriggerError(error)) return undefined;
    throw error;
  }
}

/** An identifier alone, without the path that says of what. */
function bareId(value: unknown): string | undefined {
  const text = fieldText(value);
  return parseTriggerReference(text) === null || text.includes('/') ? undefined : text;
}

async function findByIdentifier(client: TriggerClient, id: string): Promise<AgentChoice | undefined> {
  const agents = await client.listAgents();
  return agents.find((agent) => agent.uuid === id || (isNumber(id) && agent.id === Number(id)));
}

function isNumber(id: string): boolean {
  return /^\d+$/.test(id);
}
