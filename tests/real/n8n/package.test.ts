/** n8n's checks before it verifies a package: its linter in strict mode, and both parts of its scanner. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installChecks } from './install';
import { packPackage, unpackPackage, type PackedPackage } from './package';

const run = promisify(execFile);
const workspace = join(__dirname, '../../..');
/** Half of it are zod and the numbering plans of libphonenumber: a plan that changes may add some hundred bytes. */
const sizeLimitBytes = 160_000;
/**
 * Without the other variables of this process: with Jest's variables some rules assume that they run in their own
 * tests.
 */
const env = { PATH: process.env.PATH };

let folder: string;
let checks: string;
let packed: PackedPackage;

beforeAll(() => {
  checks = join(installChecks(), 'node_modules');
  folder = mkdtempSync(join(tmpdir(), 'n8n-checks-'));
  packed = packPackage(folder);
  addWorkspaceFiles(packed.folder);
}, 1_800_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Adds the files of the workspace that the sources and settings refer to. */
function addWorkspaceFiles(copy: string): void {
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@dograh-trigger'), { recursive: true });
  for (const name of readdirSync(checks)) symlinkSync(join(checks, name), join(modules, name));
  symlinkSync(join(workspace, 'shared'), join(modules, '@dograh-trigger/shared'));
  for (const name of ['shared', 'tsconfig.base.json'])
    symlinkSync(join(workspace, name), join(copy, '..', name));
}

/** The report of the scanner, which runs in a separate process. */
async function scan(scanned: string, patterns: string): Promise<unknown> {
  const scanner = join(checks, '@n8n/scan-community-package/scanner/scanner.mjs');
  const script = `
    import { analyzePackage, SOURCE_FILE_PATTERNS } from ${JSON.stringify(scanner)};
    console.log(JSON.stringify(await analyzePackage(${JSON.stringify(scanned)}, ${patterns})));
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

test('n8n’s linter finds nothing in strict mode', async () => {
  const { stdout } = await run(join(checks, '.bin/n8n-node'), ['lint'], { cwd: packed.folder, env });
  expect(stdout.trim().split('\n')).toEqual([expect.stringContaining('n8n-node lint')]);
});

test('n8n’s scanner passes the sources', async () => {
  expect(await scan(packed.folder, 'SOURCE_FILE_PATTERNS')).toEqual({ passed: true });
});

test('n8n’s scanner passes what is published', async () => {
  const published = join(folder, 'published');
  unpackPackage(packed.tarball, published);
  expect(await scan(published, '["**/*.js", "package.json"]')).toEqual({ passed: true });
});

test('the published package is small and has no dependencies', () => {
  expect(statSync(packed.tarball).size).toBeLessThanOrEqual(sizeLimitBytes);
  const described = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8')) as object;
  expect(described).not.toHaveProperty('dependencies');
});
