/**
 * Bundles the app and the shared client into dist/index.js. Only zapier-platform-core stays outside: the platform
 * requires its own copy. The result depends on the sources alone, so two builds of one commit are equal.
 *
 * Usage: node zapier-app/scripts/bundle.mjs [output folder, default zapier-app/dist]
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { sharedSource } from './shared-source.mjs';

const app = fileURLToPath(new URL('..', import.meta.url));

await build({
  absWorkingDir: app,
  entryPoints: ['src/index.ts'],
  outfile: resolve(process.argv[2] ?? resolve(app, 'dist'), 'index.js'),
  bundle: true,
  format: 'cjs',
  platform: 'node',
  // The platform runs apps of this core version on Node 22.
  target: 'node22',
  external: ['zapier-platform-core'],
  // From source, so that a stale build of the shared package cannot slip in.
  alias: { '@dograh-trigger/shared': resolve(sharedSource, 'index.ts') },
  // Nothing in tsconfig.json changes what is built, and what it extends is not in source.zip.
  tsconfigRaw: {},
  logLevel: 'warning',
});
