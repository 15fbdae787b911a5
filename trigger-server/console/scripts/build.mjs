/**
 * Builds the web console into `dist` when its sources have changed since the last build. `npm start` runs it, so
 * an unchanged console costs no time. Beside each text stands its compressed form, which the server sends to browsers.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');
const mark = join(root, 'dist/.built-from');
const inputs = [
  ...['index.html', 'package.json', 'public', 'scripts', 'src', 'vite.config.mjs'].map((path) =>
    join(root, path),
  ),
  resolve(root, '../../shared/src'),
  resolve(root, '../../package-lock.json'),
];

function hashOf(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const below = join(path, entry.name);
      if (entry.isDirectory()) add(below);
      else hash.update(below.slice(root.length)).update(readFileSync(below));
    }
  };
  for (const path of paths) {
    if (/\.\w+$/.test(path)) hash.update(path.slice(root.length)).update(readFileSync(path));
    else add(path);
  }
  return hash.digest('hex');
}

/** Smaller files fit into one packet either way. */
const fewestBytes = 1000;

function compress(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.(?:js|css|html|svg)$/.test(file)) continue;
    const content = readFileSync(file);
    if (content.length < fewestBytes) continue;
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
}

const now = hashOf(inputs);
const built = existsSync(mark) ? readFileSync(mark, 'utf8') : '';
if (built !== now) {
  // In any other environment, which a shell may name, React's development build would be taken.
  process.env.NODE_ENV = 'production';
  await build({ root, logLevel: 'warn' });
  compress(join(root, 'dist'));
  writeFileSync(mark, now);
}
