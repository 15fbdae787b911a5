/** ROLE: one process serves the API and another runs the workers. They share only the database. */
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServerProcess, type ServerProcess } from '../support/server-process';
import { receiversAllowed, startReceiver, type Receiver } from '../support/webhooks';

const apiKey = `dgr_${'r'.repeat(43)}`;
const metricsToken = 'metrics-0123456789abcdef';

let folder: string;
let receiver: Receiver;
let server: ServerProcess | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'roles-'));
  receiver = await startReceiver();
});
afterEach(async () => {
  await server?.stop('SIGKILL');
  await receiver.close();
  rmSync(folder, { recursive: true });
});

const logFile = () => join(folder, 'log');

/** Stops the previous server in an orderly way first. */
async function start(role: string): Promise<ServerProcess> {
  await server?.stop();
  const environment = {
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    BOOTSTRAP_API_KEY: apiKey,
    METRICS_TOKEN: metricsToken,
    SANDBOX_STEP_MS: '0',
    LOG_LEVEL: 'warn',
    ROLE: role,
    ...receiversAllowed,
  };
  server = await startServerProcess(environment, { logFile: openSync(logFile(), 'w') });
  return server;
}

const read = async (url: string, headers: Record<string, string> = {}) => {
  const reply = await fetch(url, { headers });
  return { status: reply.status, text: await reply.text() };
};

test('a call that one process has placed is ended, and its end told once, by the one that works', async () => {
  const api = await start('api');
  const [, triggerUrl = ''] = /POST (\S+)/.exec(api.output) ?? [];
  const reply = await fetch(triggerUrl, {
    method: 'POST',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ phone_number: '+14155550100', callback_url: receiver.url }),
  });
  expect(reply.status).toBe(200);
  const location = reply.headers.get('location') ?? '';
  const statusOf = async (from: ServerProcess) => {
    const { text } = await read(`${from.baseUrl}${location}`, { 'X-API-Key': apiKey });
    return (JSON.parse(text) as { status: string }).status;
  };
  // Far more rounds than a call needs for all of its steps when a worker runs.
  for (let turn = 0; turn < 100; turn += 1) expect(await statusOf(api)).toBe('initiated');
  const left = [...readFileSync(logFile(), 'utf8').matchAll(/"workers":(\[[^\]]*\])/g)];
  expect(left.flatMap(([, names = '']) => JSON.parse(names) as string[])).toEqual([
    'recordings',
    'deliveries',
    'watchdog',
    'slots',
    'follow-ups',
    'following',
    'late-results',
    'text-chats',
    'queue',
    'campaigns',
    'removals',
    'retention',
  ]);

  const told = receiver.next();
  const worker = await start('worker');
  const event = await told;
  expect(JSON.parse(event.body.toString())).toMatchObject({
    type: 'call.completed',
    data: { status: 'completed' },
  });
  expect(await worker.stop()).toBe(0);
  const all = await start('all');
  expect(await statusOf(all)).toBe('completed');
  expect(await all.stop()).toBe(0);
  expect(receiver.requests).toHaveLength(1);
});

test('the one that works serves its health and its metrics, and nothing else', async () => {
  const { baseUrl } = await start('worker');
  const statuses: Record<string, number> = {};
  for (const path of ['/api/v1/health', '/', '/docs', '/api/v1/openapi.json', '/api/v1/user/auth/user']) {
    statuses[path] = (await read(`${baseUrl}${path}`, { 'X-API-Key': apiKey })).status;
  }
  expect(statuses).toEqual({
    '/api/v1/health': 200,
    '/': 404,
    '/docs': 404,
    '/api/v1/openapi.json': 404,
    '/api/v1/user/auth/user': 404,
  });
  const { text } = await read(`${baseUrl}/metrics`, { Authorization: `Bearer ${metricsToken}` });
  const workers = [...text.matchAll(/^dograh_trigger_worker_healthy\{worker="([^"]+)"\} 1$/gm)].map(
    ([, name]) => name,
  );
  expect(workers).toEqual([
    'heartbeat',
    'recordings',
    'connections',
    'deliveries',
    'recovery',
    'watchdog',
    'slots',
    'follow-ups',
    'following',
    'late-results',
    'text-chats',
    'queue',
    'campaigns',
    'removals',
    'retention',
  ]);
});
