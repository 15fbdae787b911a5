/** The real suites, one at a time: each names its test file on the command line. */
const base = require('../../jest.config');

module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/tests/real'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
