/**
 * Builds the published package: `node scripts/bundle.mjs [folder]` (default `dist`). The package may have no
 * dependencies, so the trigger client is part of one bundle. The files that n8n loads re-export from it. The build
 * is reproducible.
 */
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { onlyUsedSchemas } from './only-used-schemas.mjs';

const root = resolve(import.meta.dirname, '..');
const target = resolve(process.argv[2] ?? join(root, 'dist'));
const { n8n } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

// `dist/nodes/Dograh/Dograh.node.js` exports the class Dograh of nodes/Dograh/Dograh.node.ts.
const entries = [...n8n.nodes, ...n8n.credentials].map((path) => {
  const file = path.replace(/^dist\//, '');
  return { file, source: file.replace(/\.js$/, ''), className: basename(file).split('.')[0] };
});

/**
 * zod's writer of JSON Schema, a twentieth of the package, is needed only for the server's OpenAPI document. Nothing in
 * the nodes calls it.
 */
const withoutJsonSchema = {
  name: 'without-json-schema',
  setup({ onLoad }) {
    const filter = /[\\/]zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/;
    onLoad({ filter }, () => ({ contents: 'module.exports = {};' }));
  },
};

await rm(target, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  stdin: {
    resolveDir: root,
    contents: entries
      .map(({ source, className }) => `export { ${className} } from './${source}';`)
      .join('\n'),
  },
  outfile: join(target, 'bundle.js'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'es2022',
  external: ['n8n-workflow'],
  // From the sources, so that a stale build of it cannot be published.
  alias: { '@dograh-trigger/shared': join(root, '../shared/src/index.ts') },
  // n8n forbids `globalThis`, where zod stores its settings. This replaces it by an object of the bundle.
  define: { globalThis: 'moduleScope' },
  banner: { js: '"use strict";\nconst moduleScope = {};' },
  plugins: [withoutJsonSchema, onlyUsedSchemas],
  legalComments: 'none',
  logLevel: 'warning',
});

for (const { file, className } of entries) {
  const bundle = posix.relative(posix.dirname(file), 'bundle.js');
  await mkdir(dirname(join(target, file)), { recursive: true });
  await writeFile(
    join(target, file),
    `"use strict";\nexports.${className} = require("${bundle}").${className};\n`,
  );
}
for (const { source } of entries.filter(({ file }) => file.startsWith('nodes/'))) {
  await cp(join(root, `${source}.json`), join(target, `${source}.json`));
  const schemas = join(dirname(source), '__schema__');
  if (existsSync(join(root, schemas)))
    await cp(join(root, schemas), join(target, schemas), { recursive: true });
}
await cp(join(root, 'icons'), join(target, 'icons'), { recursive: true });
