/** A full disk or a stalled reader of the log costs log lines, but no calls. */
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLogWriter } from '../../../trigger-server/src/log-writer';
import { acceptDials, startCallingProcess, type CallingProcess } from '../calling-process';

let server: CallingProcess;

/** Places calls one after another, and stops the server. */
async function callAndStop(): Promise<void> {
  for (let call = 0; call < 500; call += 1) expect((await server.trigger()).status).toBe(200);
  const ended = once(server.process.child, 'exit');
  server.process.child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}

describe('a server', () => {
  afterEach(() => server.close());

  test('whose log disk is full answers every call, and stops when it is told to', async () => {
    const full = openSync('/dev/full', 'w');
    server = await startCallingProcess(acceptDials(), {
      environment: { LOG_LEVEL: 'trace' },
      limits: { logFile: full },
    });
    closeSync(full);
    await callAndStop();
  });

  test('whose log nobody reads answers every call, and stops when it is told to', async () => {
    server = await startCallingProcess(acceptDials(), { environment: { LOG_LEVEL: 'trace' } });
    // More log lines then wait than the pipe can hold.
    server.process.child.stderr?.pause();
    await callAndStop();
  });
});

describe('a log', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'log-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('adds to a file, and keeps the order of its lines', async () => {
    const file = join(folder, 'log');
    writeFileSync(file, '');
    const log = openLogWriter(file);
    for (let line = 0; line < 1000; line += 1) log.write(`${String(line)}\n`);
    const whole = Array.from({ length: 1000 }, (_, line) => `${String(line)}\n`).join('');
    while (readFileSync(file, 'utf8').length < whole.length) await new Promise(setImmediate);
    expect(readFileSync(file, 'utf8')).toBe(whole);
  });
});
