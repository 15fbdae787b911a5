/**
 * A server process is killed during a download, is stopped during a download, and fetches a recording far larger than it
 * may hold in memory.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TriggerClient, type Run } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import supertest from 'supertest';
import { freeTcpPort } from '../../support/free-port';
import type { ReceivedRequest } from '../../support/local-server';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import type { Account } from '../../support/test-server';
import {
  deliver,
  publicBaseUrl,
  recordingCallback,
  recordingPath,
  sendWav,
  startRecordingCarrier,
  statusCallback,
  useCarrier,
  wav,
  type RecordingCarrier,
} from '../../trigger-server/artifacts/carrier';
import { agentWith, pathOf } from '../../trigger-server/artifacts/support';

jest.setTimeout(180_000);

/** The account of the demo organization, whose API key the test sets. */
const account: Account = { apiKey: `dgr_${'k'.repeat(43)}`, token: '', organizationId: 1, userId: 1 };

let folder: string;
let carrier: RecordingCarrier;
const started: ServerProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'recordings-'));
  carrier = await startRecordingCarrier();
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop('SIGKILL');
  await carrier.close();
  rmSync(folder, { recursive: true });
});

type Server = Awaited<ReturnType<typeof start>>;

async function start() {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freeTcpPort();
    try {
      const server = await startServerProcess({
        PORT: String(port),
        DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
        BOOTSTRAP_API_KEY: account.apiKey,
        TWILIO_API_BASE_URL: carrier.url,
        PUBLIC_BASE_URL: publicBaseUrl,
      });
      started.push(server);
      const baseUrl = `http://127.0.0.1:${port}`;
      return { process: server, baseUrl, request: supertest(baseUrl) };
    } catch (error) {
      // Another test may have taken the port in between.
      if (attempt === 3) throw error;
    }
  }
}

/** A recorded call that has ended, its recording announced. */
async function recordedCall(server: Server): Promise<number> {
  await useCarrier(server, account);
  const agent = await agentWith(server, account, { recording_enabled: true });
  const placed = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100' })
    .expect(200);
  const dial = carrier.lastDial();
  for (const word of ['in-progress', 'completed'] as const) {
    expect(await deliver(server, statusCallback(dial, word))).toBe(200);
  }
  expect(await deliver(server, recordingCallback(dial, `https://api.twilio.com${recordingPath}`))).toBe(200);
  return (placed.body as { workflow_run_id: number }).workflow_run_id;
}

/** The run once its recording is there, as a client waits for it. */
function recordedRun(server: Server, runId: number): Promise<Run> {
  const client = new TriggerClient(axiosTransport({ apiKey: account.apiKey }), {
    baseUrl: server.baseUrl,
    sleep,
  });
  return client.waitForArtifact(runId, 'recording', { timeoutSeconds: 120 });
}

/** The next request for a recording; what the test serves decides how it is answered. */
function nextRequest(serve: RecordingCarrier['serve']): Promise<ReceivedRequest> {
  return new Promise((resolve) => {
    carrier.serve = (request, response) => {
      serve(request, response);
      resolve(request);
    };
  });
}

function filesOf(name: string): string[] {
  return readdirSync(join(folder, 'artifacts', name));
}

/** Sends the beginning of a recording, and no more. */
const stall: RecordingCarrier['serve'] = (_request, response) => {
  response.writeHead(200, { 'content-length': '1000000' });
  response.write(wav);
};

test('killed in the middle of a download, the next server fetches the recording again, whole', async () => {
  const underWay = nextRequest(stall);
  const first = await start();
  const runId = await recordedCall(first);
  await underWay;
  expect(await first.process.stop('SIGKILL')).toBe('SIGKILL');

  carrier.serve = sendWav;
  const second = await start();
  const run = await recordedRun(second, runId);
  expect(run.recording_url).toBe(`recordings/${runId}.wav`);
  const file = await second.request.get(pathOf(run.recording_public_url)).buffer(true).expect(200);
  expect((file.body as Buffer).equals(wav)).toBe(true);
  expect(filesOf('recordings')).toEqual([`${runId}.wav`]);
  expect(filesOf('.incoming')).toEqual([]);
});

test('killed before anything was fetched, the next server knows of the recording', async () => {
  carrier.serve = (_request, response) => response.writeHead(503).end();
  const first = await start();
  const runId = await recordedCall(first);
  expect(await first.process.stop('SIGKILL')).toBe('SIGKILL');

  carrier.serve = sendWav;
  const second = await start();
  expect(await recordedRun(second, runId)).toMatchObject({ recording_url: `recordings/${runId}.wav` });
});

test('a stopping server does not wait for a download, and the next server fetches the recording', async () => {
  const underWay = nextRequest(stall);
  const first = await start();
  const runId = await recordedCall(first);
  await underWay;
  expect(await first.process.stop('SIGTERM')).toBe(0);

  carrier.serve = sendWav;
  expect(await recordedRun(await start(), runId)).toMatchObject({ recording_url: `recordings/${runId}.wav` });
});

test('a recording of 240 MB passes through without being held in memory', async () => {
  const mebibyte = 1024 * 1024;
  const megabytes = 240;
  carrier.serve = (_request, response) => {
    const piece = Buffer.alloc(mebibyte);
    let sent = 0;
    const pump = () => {
      while (sent < megabytes) {
        sent += 1;
        if (!response.write(piece)) return;
      }
      response.end();
    };
    response.writeHead(200);
    response.write(wav);
    response.on('drain', pump);
    pump();
  };
  const server = await start();
  const before = peakMemory(server);
  const run = await recordedRun(server, await recordedCall(server));
  const file = await fetch(`${server.baseUrl}${pathOf(run.recording_public_url)}`);
  let bytes = 0;
  for await (const chunk of file.body ?? []) bytes += (chunk as Uint8Array).length;
  expect(bytes).toBe(wav.length + megabytes * mebibyte);
  // The recording passed in and out again. Even half of it in memory would be visible.
  expect(peakMemory(server) - before).toBeLessThan((megabytes / 2) * mebibyte);
});

/** The most that the process ever held, in bytes: `VmHWM` of https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function peakMemory({ process: { child } }: Server): number {
  const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
