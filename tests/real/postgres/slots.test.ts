/** Two servers on one PostgreSQL place and end calls of one organization at the same time. */
import { Client } from 'pg';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startCall } from '../../support/calls';
import type { Account, TestServer } from '../../support/test-server';
import { ended } from '../../../trigger-server/src/carriers/port/report';
import { replica, startCluster, type Cluster, type Replicas } from './replicas';

const limit = 20;

let cluster: Cluster;
let replicas: Replicas;
let servers: TestServer[];
let account: Account;
let agent: TestAgent;
let watcher: Client;

beforeAll(async () => {
  cluster = await startCluster();
}, 600_000);
afterAll(() => cluster.stop());

beforeEach(async () => {
  replicas = await cluster.start(2, { DEFAULT_ORG_CONCURRENCY_LIMIT: String(limit) });
  servers = [replica(replicas, 0), replica(replicas, 1)];
  await Promise.all(servers.map((server) => server.followUps.stop()));
  ({ account, agent } = await readyToCall(replica(replicas, 0)));
  watcher = new Client({ connectionString: replicas.url });
  await watcher.connect();
});
afterEach(async () => {
  await watcher.end();
  await replicas.close();
});

interface Counts {
  open: number;
  counter: number;
}

/** In one statement, so that both are of one moment. */
async function counts(): Promise<Counts> {
  const { rows } = await watcher.query<Counts>(
    `select (select count(*) from runs where completed_at is null) as open, open_run_count as counter
     from organizations where id = ${account.organizationId}`,
  );
  return rows[0] ?? { open: -1, counter: -1 };
}

const place = (server: TestServer) =>
  server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100' });

const report = (server: TestServer, runId: number, status: 'answered' | 'completed') =>
  server.services
    .callReports('sandbox')
    .report({ runId, attempt: 1 }, [
      status === 'answered'
        ? { status: 'answered', rawStatus: 'late' }
        : { ...ended('agent_hung_up'), rawStatus: 'end' },
    ]);

test('the limit of 20 is exact while two servers place and end calls, and no slot is lost', async () => {
  const seen: Counts[] = [];
  const watch = { isOver: false };
  const watching = (async () => {
    while (!watch.isOver) seen.push(await counts());
  })();
  for (let round = 0; round < 6; round += 1) {
    const replies = await Promise.all(
      Array.from({ length: 2 * limit }, (_, index) => place(replica(replicas, index % 2))),
    );
    const placed = replies.filter(({ status }) => status === 200);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(replies.length - placed.length);
    expect(await counts()).toEqual({ open: limit, counter: limit });
    // Some end while the next ones begin.
    const ending = placed
      .slice(0, limit / 2 + round)
      .map(({ body }, index) =>
        report(
          replica(replicas, index % 2),
          (body as { workflow_run_id: number }).workflow_run_id,
          'completed',
        ),
      );
    await Promise.all([
      ...ending,
      ...Array.from({ length: 10 }, (_, index) => place(replica(replicas, index % 2))),
    ]);
    const { rows } = await watcher.query<{ id: number }>('select id from runs where completed_at is null');
    await Promise.all(rows.map(({ id }, index) => report(replica(replicas, index % 2), id, 'completed')));
    expect(await counts()).toEqual({ open: 0, counter: 0 });
  }
  watch.isOver = true;
  await watching;
  expect(Math.max(...seen.map(({ open }) => open))).toBe(limit);
  expect(seen.filter(({ open, counter }) => open !== counter)).toEqual([]);
});

test('a late report on one server never opens a call again that the other has ended', async () => {
  for (let turn = 0; turn < 15; turn += 1) {
    const runId = await startCall(replica(replicas, turn % 2), account, agent, {
      phone_number: '+14155550100',
    });
    await Promise.all(
      servers.flatMap((server) => [
        report(server, runId, 'answered'),
        report(server, runId, 'completed'),
        report(server, runId, 'answered'),
      ]),
    );
    const { rows } = await watcher.query<{ status: string; isEnded: boolean }>(
      `select status, completed_at is not null as "isEnded" from runs where id = ${runId}`,
    );
    expect(rows[0]?.isEnded).toBe(true);
    expect(rows[0]?.status).not.toBe('answered');
    expect(await counts()).toEqual({ open: 0, counter: 0 });
  }
});
