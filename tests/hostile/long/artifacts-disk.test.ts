/** The disk of recordings is full, or their folder is missing: calls continue, and recordings are fetched later. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@dograh-trigger/shared/axios';
import { acceptDials, startCallingProcess, type CallingProcess } from '../calling-process';

interface RunOfTest {
  is_completed: boolean;
  artifacts_ready: boolean;
  recording_url: string | null;
}

let folder: string;
let artifacts: string;
let logDescriptor: number;
let server: CallingProcess;
const unmounts: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'artifacts-disk-'));
  artifacts = join(folder, 'artifacts');
  logDescriptor = openSync(join(folder, 'log'), 'a');
});
afterEach(async () => {
  await server.close();
  closeSync(logDescriptor);
  for (const unmount of unmounts.splice(0)) unmount();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  server = await startCallingProcess(acceptDials(), {
    environment: { ARTIFACTS_DIR: artifacts, SANDBOX_STEP_MS: '10', LOG_LEVEL: 'info' },
    limits: { logFile: logDescriptor },
  });
  await server.send('PUT', '/workflow/1', { workflow_configurations: { recording_enabled: true } });
  await server.send('POST', '/workflow/1/publish');
}

/** A recorded call of the sandbox. */
async function call(): Promise<number> {
  const { status, text } = await server.trigger({ telephony_configuration_id: 1 });
  expect(status).toBe(200);
  return (JSON.parse(text) as { workflow_run_id: number }).workflow_run_id;
}

/** Reads the run until the condition holds, or the test's time limit ends. */
async function runOnce(id: number, isSo: (run: RunOfTest) => boolean): Promise<RunOfTest> {
  for (;;) {
    const run = JSON.parse((await server.send('GET', `/workflow/1/runs/${String(id)}`)).text) as RunOfTest;
    if (isSo(run)) return run;
    await sleep(100);
  }
}

/** The reasons in the log why a recording was not fetched, once there is one. */
async function reasons(): Promise<Set<string | undefined>> {
  for (;;) {
    const lines = readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(0, -1);
    const failures = lines
      .map((line) => JSON.parse(line) as { msg: string; reason?: string })
      .filter(({ msg }) => msg === 'a recording could not be fetched');
    if (failures.length > 0) return new Set(failures.map(({ reason }) => reason));
    await sleep(100);
  }
}

/** A call whose recording cannot be stored at first. Later it can. */
async function callInNeed(reason: string, end: () => void): Promise<void> {
  const runId = await call();
  const said = await reasons();
  expect(said).toEqual(new Set([reason]));
  expect(await runOnce(runId, ({ is_completed }) => is_completed)).toMatchObject({
    artifacts_ready: false,
    recording_url: null,
  });
  // Calls continue to be placed and to end.
  const other = await call();
  await runOnce(other, ({ is_completed }) => is_completed);
  end();
  for (const id of [runId, other]) {
    expect(await runOnce(id, ({ artifacts_ready }) => artifacts_ready)).toMatchObject({
      recording_url: `recordings/${String(id)}.wav`,
    });
  }
  expect((await server.send('GET', '/health')).status).toBe(200);
}

test('a full disk: the server starts, and keeps the recordings as soon as there is room', async () => {
  // Mounting needs root, as in a container.
  mkdirSync(artifacts);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', artifacts]);
  unmounts.push(() => execFileSync('umount', [artifacts]));
  const ballast = join(artifacts, 'ballast');
  expect(() => {
    for (;;) writeFileSync(ballast, Buffer.alloc(4096), { flag: 'a' });
  }).toThrow('ENOSPC');
  await start();
  await callInNeed('the disk that recordings are kept on is full', () => {
    rmSync(ballast);
  });
});

test('recordings are kept as soon as a file in the place of their folder is gone', async () => {
  await start();
  rmSync(artifacts, { recursive: true });
  writeFileSync(artifacts, '');
  await callInNeed('the folder that recordings are kept in cannot be written (ENOTDIR)', () => {
    rmSync(artifacts);
  });
});
