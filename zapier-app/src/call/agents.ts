/** Finds the agent for the value of an Agent field: a choice from the list, or a value mapped from another step. */
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

/** The value of an agent in the list: the last part of its trigger route by agent UUID, which needs no trigger node. */
export function agentValue(uuid: string): string {
  return `workflow/${uuid}`;
}

/**
 * The target of a call. A value without a slash may be an agent's UUID, its number or a trigger path; the list of
 * agents decides which. A number is never a trigger path.
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
 * The agent for a value. Undefined for a trigger path or URL, which the list of agents does not contain, and for a
 * value that is not mapped yet.
 *
 * @throws TriggerError `not_found` when the chosen agent is not active any more.
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

/** The agent of an optional filter; undefined when the filter is empty. @throws TriggerError */
export async function chosenAgent(client: TriggerClient, value: unknown): Promise<AgentChoice | undefined> {
  if (fieldText(value) === '') return undefined;
  const agent = await findNamedAgent(client, value);
  if (agent !== undefined) return agent;
  throw fieldRefusal('Agent', 'choose one from the list, enter its number, or leave it empty for all');
}

/** Time limit for reading an agent's name, including retries. */
const nameSeconds = 5;

/** The agent of a placed call; undefined if it cannot be read. After a dial nothing may fail or delay the step. */
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

/** The identifier, if the value has no path that names its kind. */
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
