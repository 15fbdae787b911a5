/** The installation of the server alone, with the command from the server's README. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const workspaces = ['--omit=dev', '--workspace', 'trigger-server', '--workspace', 'shared'];

test('the README’s line installs what the server needs, no SDK of a vendor and no linter', () => {
  expect(readFileSync(join(root, 'trigger-server/README.md'), 'utf8')).toContain(
    `npm ci ${workspaces.join(' ')}`,
  );
  const list = execFileSync('npm', ['ls', '--all', '--parseable', ...workspaces], { cwd: root });
  const packages = list
    .toString()
    .split('\n')
    .flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? []);
  expect(packages).toEqual(expect.arrayContaining(['express', 'libsql', 'undici', 'zod']));
  const unwanted = /twilio|plivo|vonage|telnyx|n8n|eslint|zapier|jest|typescript|esbuild/;
  expect(packages.filter((name) => unwanted.test(name))).toEqual([]);
  expect(packages.length).toBeLessThanOrEqual(190);
});
