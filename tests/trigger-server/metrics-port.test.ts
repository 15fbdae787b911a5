/** METRICS_PORT: the metrics of a real process, on a port for programs of this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort } from '../support/free-port';
import { startServerProcess, type ServerProcess } from '../support/server-process';

let folder: string;
let server: ServerProcess;
let port: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'metrics-'));
  port = await freeTcpPort();
  server = await startServerProcess({
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    METRICS_PORT: String(port),
    HOST: '0.0.0.0',
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('they are served without a token, and not beside the API', async () => {
  const reply = await fetch(`http://127.0.0.1:${String(port)}/metrics`);
  expect(reply.status).toBe(200);
  expect((await fetch(`${server.baseUrl}/metrics`)).status).toBe(404);
});

test('they have the time of the database, the delay of the event loop and the memory of the process', async () => {
  const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
  expect(text).toMatch(/^dograh_trigger_database_seconds_count\{work="read"\} [1-9]/m);
  expect(text).toMatch(/^dograh_trigger_database_seconds_count\{work="write"\} [1-9]/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
  expect(text).toMatch(/^process_resident_memory_bytes [1-9]/m);
});

test('another machine cannot reach the port, whatever HOST is', async () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  const address = outside?.address ?? '127.0.0.2';
  await expect(fetch(`http://${address}:${String(port)}/metrics`)).rejects.toThrow('fetch failed');
});
