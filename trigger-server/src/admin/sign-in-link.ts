/** Prints a link that signs a user in once. A server may be running; it knows the link at once, because it is a row. */
import { createSignInLink, linkMinutes, signInAddress } from '../accounts/sign-in-links';
import { chooseUser } from '../accounts/users';
import { commandActor, recordAudit } from '../audit/audit';
import { ownAddress } from '../own-address';
import type { Command } from './command';
import { withDatabase } from './operator';

export const signInLink: Command = {
  summary: 'prints a link that signs a user in to the console once',
  flags: { '--email <address>': 'which user; needed when there is more than one' },
  run: (config, flags, print) =>
    withDatabase(config, async ({ storage, clock }) => {
      const user = await chooseUser(storage.read, flags.get('--email') ?? null);
      const token = await storage.write(async (session) => {
        const actor = commandActor('sign-in-link', user.organization_id);
        await recordAudit({ clock }, session, actor, { action: 'sign_in_link.created', subjectId: user.id });
        return createSignInLink({ clock }, session, user.id);
      });
      print(`Works once, for ${String(linkMinutes)} minutes:`);
      print(`  ${signInAddress(ownAddress(config, config.port), token)}`);
      return 0;
    }),
};
