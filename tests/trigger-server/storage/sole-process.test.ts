/** Only one server process uses a database at a time, because two would place the same calls. */
import { mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdDatabase } from '../../../trigger-server/src/storage/sqlite/sole-process';
import { openSqlite } from '../../../trigger-server/src/storage/sqlite/open';
import { ManualClock } from '../../support/manual-clock';
import { startServerProcess, type ServerProcess } from '../../support/server-process';

let folder: string;
let file: string;
const started: ServerProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sole-process-'));
  file = join(folder, 'trigger.db');
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function start(): Promise<ServerProcess> {
  const server = await startServerProcess({ DATABASE_URL: `file:${file}` });
  started.push(server);
  return server;
}

/** Holds the database under the name `path`, with its own clock. */
function hold(path = file) {
  const clock = new ManualClock();
  const waits: string[] = [];
  const held = holdDatabase(path, {
    clock,
    maxWaitMilliseconds: 20_000,
    onWait: () => waits.push('waits'),
  });
  return { held, waits, wait: (milliseconds: number) => clock.advance(milliseconds, turn) };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a second one reports once that it waits, and fails with a reason after 20 s', async () => {
  const letGo = await hold().held;
  const second = hold();
  const refused = expect(second.held).rejects.toThrow(
    /Another server process uses the database .*trigger\.db.* 20 s\. .* Stop the other one first/,
  );
  await second.wait(19_000);
  expect(second.waits).toEqual(['waits']);
  await second.wait(1000);
  await refused;
  letGo();
});

test('a second one continues as soon as the first releases the lock', async () => {
  const letGo = await hold().held;
  const second = hold();
  await second.wait(10_000);
  letGo();
  await second.wait(100);
  (await second.held)();
});

test('a link to the database leads to the same lock', async () => {
  await openSqlite(file).close();
  symlinkSync(file, join(folder, 'link.db'));
  const letGo = await hold(join(folder, 'link.db')).held;
  const second = hold();
  await second.wait(0);
  expect(second.waits).toEqual(['waits']);
  letGo();
  await second.wait(100);
  (await second.held)();
});

test('a server process holds the lock, and kill -9 releases it', async () => {
  const server = await start();
  const second = hold();
  await second.wait(1000);
  expect(second.waits).toEqual(['waits']);
  expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o600);
  await server.stop('SIGKILL');
  await second.wait(100);
  (await second.held)();
});

test('a server process that is started while another one drains takes over from it', async () => {
  const first = await start();
  const second = start();
  await turn();
  expect(await first.stop()).toBe(0);
  await second;
});
