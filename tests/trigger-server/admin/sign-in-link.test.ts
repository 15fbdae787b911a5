/** `npm run admin -- sign-in-link` prints a link that a running server accepts. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAdmin } from '../../support/admin';
import { startServerProcess } from '../../support/server-process';

let folder: string;
let environment: Record<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sign-in-link-'));
  environment = { DATABASE_URL: `file:${join(folder, 'trigger.db')}`, SECRETS_KEY: '5e'.repeat(32) };
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('prints a link for the only user, which works while the server runs', async () => {
  const server = await startServerProcess(environment);
  try {
    const { code, output } = await runAdmin({ ...environment, PORT: '8123' }, 'sign-in-link');
    const [, token] = /^ {2}http:\/\/127\.0\.0\.1:8123\/sign-in#token=([\w-]{43})$/m.exec(output) ?? [];
    expect([code, output]).toEqual([0, expect.stringContaining('Works once, for 15 minutes:')]);
    const reply = await fetch(`${server.baseUrl}/api/v1/console/session/link`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' },
      body: JSON.stringify({ token, email: 'jane@example.com', password: 'at least 8 characters' }),
    });
    expect(reply.status).toBe(200);
    expect(await runAdmin(environment, 'sign-in-link', '--email', 'Jane@example.com')).toMatchObject({
      code: 0,
    });
    expect(await runAdmin(environment, 'sign-in-link', '--email=nobody@example.com')).toEqual({
      code: 1,
      output: 'No user has this e-mail address.\n',
    });
  } finally {
    await server.stop();
  }
});

test('the file with the link of the first start is deleted when this link is used, and not before', async () => {
  const server = await startServerProcess(environment);
  const file = join(folder, 'trigger.db.sign-in-link');
  const follow = (link: string) =>
    fetch(`${server.baseUrl}/api/v1/console/session/link`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' },
      body: JSON.stringify({
        token: /#token=([\w-]{43})/.exec(link)?.[1],
        email: 'jane@example.com',
        password: 'at least 8 characters',
      }),
    });
  try {
    const first = readFileSync(file, 'utf8');
    expect((await follow(first.replace('#token=', '#token=x').slice(0, -2))).status).toBe(401);
    expect(existsSync(file)).toBe(true);
    expect((await follow(first)).status).toBe(200);
    expect(existsSync(file)).toBe(false);
  } finally {
    await server.stop();
  }
});

test('without a database, and with a flag that is not known or has no value, it says what to do', async () => {
  const missing = await runAdmin(environment, 'sign-in-link');
  expect(missing).toMatchObject({
    code: 1,
    output: expect.stringContaining('is DATABASE_URL right?') as string,
  });
  for (const words of [['--email'], ['--mail', 'x'], ['jane@example.com']]) {
    const refused = await runAdmin(environment, 'sign-in-link', ...words);
    expect(refused).toMatchObject({
      code: 2,
      output: expect.stringContaining('--email <address>') as string,
    });
  }
});
