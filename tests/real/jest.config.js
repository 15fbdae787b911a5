/**
 * The real suites, one at a time, selected by `--roots tests/real/<suite>`. It is a folder, because a pattern would
 * also match the path of the checkout. Without it no test runs.
 */
const base = require('../../jest.config');

module.exports = {
  ...base,
  rootDir: '../..',
  roots: [],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
