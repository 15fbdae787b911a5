/**
 * A rolling restart of two server processes behind a load balancer, under load: no request is lost, none is refused but by
 * a 503 that says when to come again, and every call that was accepted comes to its end. The load balancer notices by the
 * 503 that a server stops, and leaves it out.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freeTcpPort } from '../../support/free-port';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { startBalancer } from './balancer';
import { until } from '../until';
import { startPostgres, type PostgresServer } from '../postgres/server';

const apiKey = `dgr_${'r'.repeat(43)}`;
const callersAtOnce = 12;

let postgres: PostgresServer;
let url: string;

beforeAll(async () => {
  postgres = await startPostgres({ fsync: 'off' });
  url = postgres.urlOf(await postgres.create());
}, 600_000);
afterAll(() => postgres.stop());

function start(port: number): Promise<ServerProcess> {
  return startServerProcess({
    DATABASE_URL: url,
    SECRETS_KEY: '5e'.repeat(32),
    // Both share it.
    ARTIFACTS_DIR: join(tmpdir(), 'rolling-restart-artifacts'),
    BOOTSTRAP_API_KEY: apiKey,
    DEFAULT_ORG_CONCURRENCY_LIMIT: '1000',
    KEY_REQUESTS_PER_SECOND: '0',
    SANDBOX_STEP_MS: '50',
    PORT: String(port),
  });
}

async function query<Row extends object>(text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

interface Outcome {
  status: number;
  retryAfter: string | null;
  milliseconds: number;
}

test('two servers are restarted one after the other, and no caller notices more than a 503 with Retry-After', async () => {
  const ports = [await freeTcpPort(), await freeTcpPort()];
  // Together, as in a deployment: both find an empty database.
  const servers = await Promise.all(ports.map(start));
  const balancer = await startBalancer(await freeTcpPort(), ports, { restsAfter503: true });
  const path = /POST http:\/\/[^/]+(\S+)/.exec(servers[0]?.output ?? '')?.[1] ?? '';
  const outcomes: Outcome[] = [];
  const failures: unknown[] = [];
  let isOver = false;

  async function callAgainAndAgain(): Promise<void> {
    while (!isOver) {
      const began = performance.now();
      try {
        const reply = await fetch(`${balancer.url}${path}`, {
          method: 'POST',
          headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
          body: JSON.stringify({ phone_number: '+14155550100' }),
        });
        await reply.arrayBuffer();
        const retryAfter = reply.headers.get('retry-after');
        outcomes.push({ status: reply.status, retryAfter, milliseconds: performance.now() - began });
      } catch (error) {
        failures.push(error);
      }
    }
  }

  const callers = Array.from({ length: callersAtOnce }, callAgainAndAgain);
  try {
    for (const [index, port] of ports.entries()) {
      expect(await servers[index]?.stop('SIGTERM')).toBe(0);
      servers[index] = await start(port);
    }
    isOver = true;
    await Promise.all(callers);
    // A follow-up that a stopped server had claimed is made again after 30 s.
    await until('every call has ended', async () => (await countOpen()) === 0, 60);
  } finally {
    isOver = true;
    await Promise.all(callers);
    await balancer.close();
    for (const server of servers) await server.stop();
  }

  expect(failures).toEqual([]);
  const accepted = outcomes.filter(({ status }) => status === 200);
  const refused = outcomes.filter(({ status }) => status !== 200);
  for (const { status, retryAfter } of refused) {
    expect(status).toBe(503);
    expect(Number(retryAfter)).toBeGreaterThan(0);
  }
  const [runs] = await query<{ all: number; completed: number }>(
    `select count(*)::int as all, count(*) filter (where status = 'completed')::int as completed from runs`,
  );
  expect(runs).toEqual({ all: accepted.length, completed: accepted.length });
  const times = accepted.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)] ?? NaN;
  process.stdout.write(
    `${accepted.length} calls, ${refused.length} refused by a server that stopped; p99 ${Math.round(p99)} ms\n`,
  );
}, 180_000);

async function countOpen(): Promise<number> {
  const [open] = await query<{ count: number }>(
    'select count(*)::int as count from runs where completed_at is null',
  );
  return open?.count ?? NaN;
}
