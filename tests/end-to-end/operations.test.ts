/** `docs/operations.md` names metrics, variables and files that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestServer } from '../support/test-server';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
const serverReadme = readFileSync(join(root, 'trigger-server/README.md'), 'utf8');
/** The table of metrics. */
const [, table = ''] = /## What it shows of itself\n([\s\S]*?)\n## /.exec(serverReadme) ?? [];

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set(text.match(pattern) ?? [])];
}

test('every metric in an alert or the table is served, and the README lists each one that is served', async () => {
  const server = await startTestServer({});
  try {
    const metrics = await server.services.metrics.registry.getMetricsAsJSON();
    const served = new Set(metrics.map(({ name }) => name));
    const named = namesIn(`${page}${table}`, /dograh_trigger_\w+/g);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !served.has(name.replace(/_(?:bucket|count|sum)$/, '')))).toEqual([]);
    expect([...served].filter((name) => !table.includes(name))).toEqual([]);
  } finally {
    await server.close();
  }
});

test('every variable is one of the server, of the compose files, or of PostgreSQL, Caddy and the AWS library', () => {
  const source = ['trigger-server/src/config.ts', 'compose.yml', 'compose.postgres.yml', 'Caddyfile']
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('');
  const named = namesIn(page, /\b[A-Z]+_[A-Z_]+[A-Z]\b|\bDOMAIN\b/g);
  expect(named.filter((name) => !source.includes(name) && !/^AWS_(?:SECRET_)?ACCESS_KEY/.test(name))).toEqual(
    [],
  );
});

test('every file that it links to exists', () => {
  const links = [...page.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
  expect(links.filter((path) => !existsSync(join(root, 'docs', path)))).toEqual([]);
});
