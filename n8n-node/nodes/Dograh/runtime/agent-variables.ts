/** Selects the columns of an item that an agent uses. */
import { reservedNames, type CallTarget, type TriggerClient } from '@dograh-trigger/shared';
import type { IDataObject } from 'n8n-workflow';

/** Selects the columns that are sent with Map Automatically. */
export type ColumnFilter = (
  client: TriggerClient,
  target: CallTarget,
  item: IDataObject,
) => Promise<IDataObject>;

/**
 * Keeps the columns that the texts of the agent use. Drops those with names reserved by the server. An agent that
 * is selected by its trigger cannot be read; then all columns with other names are kept. Each agent is read once.
 *
 * @throws TriggerError when the agent cannot be read.
 */
export function columnFilter(): ColumnFilter {
  const known = new Map<string, Promise<ReadonlySet<string>>>();

  return async (client, target, item) => {
    const columns = Object.entries(item).filter(([name]) => !reservedNames.has(rootOf(name)));
    if (!('agentUuid' in target)) return Object.fromEntries(columns);
    const { agentUuid } = target;
    const agent = `${client.baseUrl} ${agentUuid}`;
    const names = known.get(agent) ?? readNames(client, agentUuid);
    known.set(agent, names);
    const used = await names;
    return Object.fromEntries(columns.filter(([name]) => used.has(rootOf(name))));
  };
}

async function readNames(client: TriggerClient, agentUuid: string): Promise<ReadonlySet<string>> {
  const { variables } = await client.getAgent((await client.findAgent(agentUuid)).id);
  return new Set(variables.map(({ name }) => rootOf(name)));
}

/** A dotted name is a path: `user.name` belongs to the column `user`. */
function rootOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}
