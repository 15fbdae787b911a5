/** Regenerates `openapi.json` after a change of routes (`npm run openapi`). A test compares the file with the routes. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { apiDocument } = require('../dist/app');
const { readConfig } = require('../dist/config');

// Declaring routes uses no service except the configuration.
const document = apiDocument({ config: readConfig({}) });
writeFileSync(new URL('../openapi.json', import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
