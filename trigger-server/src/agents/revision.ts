/** Revisions of agents, so that of two people who edit one agent, the second does not overwrite the first unnoticed. */
import { sha256Hex } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Session } from '../storage/port';
import { findAgent, listCurrentDefinitions, type AgentRow, type DefinitionRow } from './store';

/** The draft, or the published version if there is no draft: what an editor shows. */
export function shownDefinition(definitions: readonly DefinitionRow[]): DefinitionRow | undefined {
  return (
    definitions.find(({ status }) => status === 'draft') ??
    definitions.find(({ status }) => status === 'published')
  );
}

/** Made from the content alone: a change that was taken back leaves nothing to be overwritten. */
export function revisionOf(
  { name }: Pick<AgentRow, 'name'>,
  shown: Pick<DefinitionRow, 'definition' | 'configurations' | 'template_variables'>,
): string {
  const content = [name, shown.definition, shown.configurations, shown.template_variables];
  return sha256Hex(JSON.stringify(content)).slice(0, 32);
}

/**
 * Checks that the agent still has the revision that a change is based on. Call it in the transaction of the change, with
 * the lock of the organization.
 * @throws Problem conflict with the code `draft_changed`.
 */
export async function requireRevision(
  session: Session,
  agent: { id: number; organizationId: number },
  revision: string,
): Promise<void> {
  const row = await findAgent(session, agent.organizationId, agent.id);
  const shown = shownDefinition(await listCurrentDefinitions(session, agent.id));
  if (row !== undefined && shown !== undefined && revisionOf(row, shown) === revision) return;
  throw new Problem(
    'conflict',
    'The agent has been changed since you read it, so nothing was saved or published. Read it again, then save or publish with its new revision.',
    { code: 'draft_changed' },
  );
}
