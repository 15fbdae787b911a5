/**
 * The server's own tests, with PostgreSQL in the place of SQLite: `npm run test:server-on-postgres` runs those of storage,
 * triggers, callbacks and queues, which are part of the gate; with `WHOLE=1` all of them, by hand.
 */
const base = require('../../../jest.config');

const folders = process.env.WHOLE ? [''] : ['calls', 'events', 'retention', 'runs', 'storage'];

module.exports = {
  ...base,
  rootDir: '../../..',
  // Lists of thousands of calls are written row by row, each a round trip.
  testTimeout: 300_000,
  globalSetup: '<rootDir>/tests/real/postgres/whole.ts',
  globalTeardown: '<rootDir>/tests/real/postgres/whole-end.ts',
  roots: folders.map((folder) => `<rootDir>/tests/trigger-server/${folder}`),
};
