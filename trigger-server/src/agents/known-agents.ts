/** What other features ask of agents. */
import type { Session } from '../storage/port';
import { agentIdQuery, agentNameQuery, countRunQuery, publishedPathQuery, runCountQuery } from './store';

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

/** The live trigger path of the organization's first agent of this name. */
export async function findPublishedPathByName(
  session: Session,
  organizationId: number,
  name: string,
): Promise<string | null> {
  return (await publishedPathQuery.first(session, { organizationId, name }))?.trigger_path ?? null;
}

/** Counts a run that is being opened: the lists of an agent's runs are as long as this says. */
export function countAgentRun(session: Session, id: number): Promise<number> {
  return countRunQuery.changes(session, { id });
}

/** Undefined when the organization has no such agent. */
export async function findAgentRunCount(
  session: Session,
  organizationId: number,
  id: number,
): Promise<number | undefined> {
  return (await runCountQuery.first(session, { organizationId, id }))?.count;
}
