/** Writes `openapi.json` anew after a route has changed: `npm run openapi`. A test compares the two. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { apiDocument } = require('../dist/app');
const { readConfig } = require('../dist/config');

// Declaring routes touches no service but the configuration.
const document = apiDocument({ config: readConfig({}) });
writeFileSync(new URL('../openapi.json', import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
