/** Creates a user without a password. A sign-in link lets that person choose one, so no password is ever printed. */
import { addUser } from '../accounts/users';
import { systemChance } from '../clock';
import { messageOf } from './message-of';
import type { Command } from './command';
import { withDatabase } from './operator';

export const createUser: Command = {
  summary: 'creates a user, who signs in first by a link of sign-in-link',
  flags: {
    '--email <address>': 'the e-mail address; needed',
    '--name <name>': 'the name',
    '--organization <id>': 'the organization, or `new`; needed when there is more than one',
  },
  run: (config, flags, print) =>
    withDatabase(config, async ({ storage, clock }) => {
      const email = (flags.get('--email') ?? '').toLowerCase();
      if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new Error('Say who it is: --email <address>');
      const { userId, organizationId } = await messageOf(() =>
        addUser({ config, storage, clock, chance: systemChance }, 'create-user', {
          email,
          name: flags.get('--name') ?? null,
          organization: readOrganization(flags.get('--organization')),
        }),
      );
      print(
        `User ${String(userId)} in organization ${String(organizationId)}. To sign in for the first time:`,
      );
      print(`  npm run admin -- sign-in-link --email ${email}`);
      return 0;
    }),
};

/** Null: the only one there is. */
function readOrganization(text: string | undefined): number | 'new' | null {
  if (text === undefined) return null;
  if (text === 'new') return text;
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error('--organization takes an id, or `new`');
  return Number(text);
}
