// The platform requires this file by name, whatever "main" says.
module.exports = require('./dist/index.js').default;
