/**
 * Builds `dist/server.js`, which `npm start` runs: the server and what it needs in one file. Node reads one file where it
 * would look for a thousand, so the server starts in half the time, and what nobody calls is not kept in memory. Names of
 * functions stay as they are, and lines short, so that a stack trace says where.
 */
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const ofExpress = createRequire(createRequire(join(root, 'package.json')).resolve('express'));

await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/server.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  // ECMAScript modules first: of these the unused parts are left out.
  mainFields: ['module', 'main'],
  // A native library, and files for a browser.
  external: ['libsql', 'swagger-ui-dist'],
  alias: {
    // From its sources, so that a stale build of it cannot be started.
    '@dograh-trigger/shared': resolve(root, '../shared/src/index.ts'),
    // Several of Express's dependencies have a copy each.
    'mime-types': ofExpress.resolve('mime-types'),
  },
  // Undici asks for it to read cookies, which nobody does here; asked for, Node loads an undici of its own beside it.
  define: { 'globalThis.Headers': 'undefined' },
  // Node keeps the text of what it runs.
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: 'none',
  logLevel: 'warning',
});
