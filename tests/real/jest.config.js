/**
 * The real suites, one at a time. `--roots tests/real/<suite>` says which: a folder, and not a pattern, because a pattern
 * is also looked for in the path of the checkout. Without it there is nothing to run.
 */
const base = require('../../jest.config');

module.exports = {
  ...base,
  rootDir: '../..',
  roots: [],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
