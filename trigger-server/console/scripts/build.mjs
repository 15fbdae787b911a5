/**
 * Builds the web console into `dist` when its sources have changed since the last build. `npm start` runs it, so
 * an unchanged console costs no time.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');
const mark = join(root, 'dist/.built-from');
const inputs = [
  ...['index.html', 'package.json', 'public', 'src', 'vite.config.mjs'].map((path) => join(root, path)),
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

const now = hashOf(inputs);
const built = existsSync(mark) ? readFileSync(mark, 'utf8') : '';
if (built !== now) {
  await build({ root, logLevel: 'warn' });
  writeFileSync(mark, now);
}
