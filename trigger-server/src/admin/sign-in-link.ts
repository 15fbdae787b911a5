/** Prints a link that signs a user in once. A server may be running; it knows the link at once, because it is a row. */
import { createSignInLink, linkMinutes, signInAddress } from '../accounts/sign-in-links';
import { findLinkUser } from '../accounts/users';
import { createSystemClock } from '../clock';
import { readClocks, readJumped } from '../jumps';
import { ownAddress } from '../own-address';
import { openDatabase } from '../storage/open';
import type { Command } from './command';

export const signInLink: Command = {
  summary: 'prints a link that signs a user in to the console once',
  flags: { '--email <address>': 'which user; needed when there is more than one' },
  async run(config, flags, print) {
    const storage = await openDatabase(config.database, { migrate: false });
    try {
      const { sum } = await readJumped(storage.read, readClocks());
      const clock = createSystemClock(sum, () => undefined);
      const userId = await findLinkUser(storage.read, flags.get('--email') ?? null);
      const token = await storage.write((session) => createSignInLink({ clock }, session, userId));
      print(`Works once, for ${String(linkMinutes)} minutes:`);
      print(`  ${signInAddress(ownAddress(config, config.port), token)}`);
      return 0;
    } finally {
      await storage.close();
    }
  },
};
