const { availableParallelism } = require('node:os');

/** Tests read the packages' TypeScript sources, so a stale build cannot pass. */
module.exports = {
  testEnvironment: 'node',
  // A busy machine is slow, not wrong: a test that hangs still ends.
  testTimeout: 60_000,
  // Many suites wait for a socket or a process, so there are more workers than cores.
  maxWorkers: Math.ceil(availableParallelism()),
  // A worker that is done gives back its memory before it ends, which takes half a second of a busy machine: as long as
  // Jest waits by itself before it warns. One that something keeps from ending is warned of all the same.
  workerGracefulExitTimeout: 10_000,
  // What a file leaves in memory slows the next ones down: a worker that has grown starts afresh.
  workerIdleMemoryLimit: '600MB',
  globalSetup: '<rootDir>/tests/support/empty-database.ts',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  // The real suites bring their own n8n, Node, carriers and browsers: `npm run test:real`. The long hostile ones take
  // minutes: `npm run test:hostile`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/tests/real/', '<rootDir>/tests/hostile/long/'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tests/tsconfig.jest.json' }] },
  moduleNameMapper: {
    '^@dograh-trigger/shared$': '<rootDir>/shared/src/index.ts',
    '^@dograh-trigger/shared/axios$': '<rootDir>/shared/src/transports/axios.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
};
