import type { Migration } from './migration';

export const migration: Migration = {
  name: '0026_voicemail',
  statements: () => [
    `ALTER TABLE runs ADD COLUMN voicemail TEXT`,
    `ALTER TABLE runs ADD COLUMN message_state TEXT`,
  ],
};
