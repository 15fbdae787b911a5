import type { Migration } from './migration';

/** The relay of a conversation is opened once, whichever process is asked. */
export const migration: Migration = {
  name: '0072_talks_by_relay',
  statements: () => [`ALTER TABLE talks ADD COLUMN relayed_at TEXT`],
};
