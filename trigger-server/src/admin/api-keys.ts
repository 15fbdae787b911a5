/** Commands for API keys. A server may be running: keys are rows, so it knows of each change at once. */
import { keyScopes, type KeyScope } from '@dograh-trigger/shared';
import { addApiKey, archiveApiKey, listAllApiKeys } from '../accounts/api-keys';
import { chooseUser } from '../accounts/users';
import { requireAgentsOfKey } from '../agents/known-agents';
import { commandActor } from '../audit/audit';
import { messageOf } from './message-of';
import type { Command } from './command';
import { withDatabase } from './operator';

export const createKey: Command = {
  summary: 'creates an API key and prints it, once',
  flags: {
    '--name <name>': 'what it is for; needed',
    '--scope <scope>': `${keyScopes.join(', ')}; needed. For n8n and Zapier: trigger`,
    '--agents <ids>': 'with the scope trigger: the only agents that it may call, as 1,2',
    '--expires <time>': 'when it stops, as 2027-12-31 or 2027-12-31T12:00:00Z',
    '--email <address>': 'the user it acts for; needed when there is more than one',
  },
  run: (config, flags, print) =>
    withDatabase(config, async (services) => {
      const name = flags.get('--name') ?? '';
      if (name === '') throw new Error('Say what the key is for: --name <name>');
      const scope = readScope(flags.get('--scope'));
      const agentIds = readIds(flags.get('--agents'));
      const expiresAt = readTime(flags.get('--expires'));
      const user = await chooseUser(services.storage.read, flags.get('--email') ?? null);
      const actor = commandActor('create-key', user.organization_id);
      const key = await messageOf(async () => {
        if (agentIds !== null) await requireAgentsOfKey(services, user.organization_id, agentIds);
        return addApiKey(services, actor, { userId: user.id, name, scope, agentIds, expiresAt });
      });
      print(`Key ${String(key.id)}, shown this once:`);
      print(`  ${key.key}`);
      return 0;
    }),
};

export const listKeys: Command = {
  summary: 'lists the API keys of all organizations, without the keys themselves',
  flags: {},
  run: (config, _flags, print) =>
    withDatabase(config, async ({ storage }) => {
      for (const key of await listAllApiKeys(storage.read)) {
        const details = [
          `organization ${String(key.organization_id)}`,
          key.scope,
          ...(key.agents === null ? [] : [`agents ${key.agents.join(',')}`]),
          `last used ${key.last_used_at ?? 'never'}`,
          ...(key.expires_at === null ? [] : [`expires ${key.expires_at}`]),
          ...(key.archived_at === null ? [] : [`archived ${key.archived_at}`]),
        ];
        print(`${String(key.id)}  ${key.key_prefix}…  ${key.name}  (${details.join('; ')})`);
      }
      return 0;
    }),
};

export const archiveKey: Command = {
  summary: 'archives an API key: it stops at once',
  flags: { '--id <id>': 'which, as list-keys shows it; needed' },
  run: (config, flags, print) =>
    withDatabase(config, async (services) => {
      const id = Number(flags.get('--id'));
      const key = (await listAllApiKeys(services.storage.read)).find((other) => other.id === id);
      if (key === undefined)
        throw new Error('There is no such key: list-keys shows them. Name one with --id <id>');
      await archiveApiKey(services, commandActor('archive-key', key.organization_id), id);
      print(`Key ${String(id)} is archived: it no longer works.`);
      return 0;
    }),
};

/** There is no default: a key for everything should be asked for by its name. */
function readScope(text: string | undefined): KeyScope {
  const scope = keyScopes.find((known) => known === text);
  if (scope === undefined)
    throw new Error(`Say what the key may do: --scope ${keyScopes.join(', --scope ')}`);
  return scope;
}

function readIds(text: string | undefined): number[] | null {
  if (text === undefined) return null;
  const ids = text.split(',').map((part) => part.trim());
  if (!ids.every((id) => /^[1-9]\d{0,9}$/.test(id))) throw new Error('--agents takes ids of agents, as 1,2');
  return ids.map(Number);
}

function readTime(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error('--expires takes a time, as 2027-12-31T12:00:00Z');
  return time;
}
