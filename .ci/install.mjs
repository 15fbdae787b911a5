/**
 * Installs the large programs of the real suites into their cache, one after the other: n8n in both versions of the gate,
 * Zapier's command line, Asterisk and chromium. `.ci/run` does so while the tests run that need none of them. Each suite
 * would install its own, too. What is there already costs nothing.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const root = join(import.meta.dirname, '..');
const oldestN8n = process.argv[2];
const installs = [
  { file: 'n8n/install', name: 'installN8n' },
  { file: 'n8n/install', name: 'installChecks' },
  { file: 'n8n/install', name: 'installN8n', env: { N8N_VERSION: oldestN8n } },
  { file: 'zapier/install', name: 'installZapier' },
  { file: 'asterisk/install', name: 'installAsterisk' },
  { file: 'chromium', name: 'installChromium' },
];

const folder = mkdtempSync(join(tmpdir(), 'dograh-trigger-install-'));
try {
  for (const { file, name, env } of installs) {
    const outfile = join(folder, `${name}.cjs`);
    buildSync({
      entryPoints: [join(root, 'tests/real', `${file}.ts`)],
      outfile,
      bundle: true,
      platform: 'node',
      external: ['playwright-core'],
    });
    // A process of its own, because the version is read from the environment when the file is loaded.
    try {
      execFileSync(process.execPath, ['-e', 'require(process.argv[1])[process.argv[2]]()', outfile, name], {
        env: { ...process.env, NODE_PATH: join(root, 'node_modules'), ...env },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    } catch {
      // It has said why. The suite tries once more, and fails then.
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
