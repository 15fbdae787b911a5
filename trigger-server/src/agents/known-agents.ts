/** The lookups that other features make about agents. */
import { parseTriggerReference, type AgentConfigurations } from '@dograh-trigger/shared';
import { invalidPlace } from '../problem';
import type { Services } from '../services';
import { parseObject } from '../storage/columns';
import type { Session } from '../storage/port';
import {
  agentIdQuery,
  agentNameQuery,
  countRunsQuery,
  handedOverQuery,
  listAgents,
  publishedPathQuery,
  runCountQuery,
} from './store';

export async function findAgentName(session: Session, id: number): Promise<string | null> {
  return (await agentNameQuery.first(session, { id }))?.name ?? null;
}

export async function findAgentId(
  session: Session,
  organizationId: number,
  uuid: string,
): Promise<number | null> {
  return (await agentIdQuery.first(session, { organizationId, uuid }))?.id ?? null;
}

/** The published trigger path of the organization's first agent with this name. */
export async function findPublishedPathByName(
  session: Session,
  organizationId: number,
  name: string,
): Promise<string | null> {
  return (await publishedPathQuery.first(session, { organizationId, name }))?.trigger_path ?? null;
}

/** Counts new runs. The total of an agent's list of runs comes from this counter. */
export function countAgentRuns(session: Session, id: number, runs: number): Promise<number> {
  return countRunsQuery.changes(session, { id, runs });
}

/** Takes deleted runs off the count. */
export function uncountAgentRuns(session: Session, id: number, count: number): Promise<number> {
  return countRunsQuery.changes(session, { id, runs: -count });
}

/** Undefined when the organization has no such agent. */
export async function findAgentRunCount(
  session: Session,
  organizationId: number,
  id: number,
): Promise<number | undefined> {
  return (await runCountQuery.first(session, { organizationId, id }))?.count;
}

/**
 * Checks the agents that a new API key is limited to.
 * @throws Problem unprocessable at `body.agents` for an agent that the organization does not have.
 */
export async function requireAgentsOfKey(
  { storage }: Pick<Services, 'storage'>,
  organizationId: number,
  ids: readonly number[],
): Promise<void> {
  const known = new Set((await listAgents(storage.read, organizationId)).map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  const msg = `There is no agent ${unknown.join(', ')} in this organization`;
  throw invalidPlace({ type: 'value_error', loc: ['body', 'agents'], msg, input: null });
}

/**
 * The agents whose calls an agent of another server holds, by the UUID of that agent or of its trigger. Archived agents
 * here are among them.
 * @param accountId the telephony configuration that leads to the other server. Agents that name none count for each.
 */
export async function listHandedOver(
  session: Session,
  organizationId: number,
  accountId: number,
): Promise<Map<string, { id: number; name: string }>> {
  const found = new Map<string, { id: number; name: string }>();
  for (const { id, name, configurations } of await handedOverQuery.all(session, { organizationId })) {
    const { answer }: AgentConfigurations = parseObject(configurations) ?? {};
    if (typeof answer !== 'object' || (answer.account_id ?? accountId) !== accountId) continue;
    const target = parseTriggerReference(answer.agent)?.target;
    if (target === undefined) continue;
    found.set('agentUuid' in target ? target.agentUuid : target.triggerUuid, { id, name });
  }
  return found;
}
