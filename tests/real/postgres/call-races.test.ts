/** Two servers on one PostgreSQL work for the same number, or on the same call, at the same moment. */
import { Client } from 'pg';
import type { Run } from '@dograh-trigger/shared';
import { ended } from '../../../trigger-server/src/carriers/port/report';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startCall } from '../../support/calls';
import { policyPath } from '../../support/destination-policy';
import type { Account, TestServer } from '../../support/test-server';
import { replica, startCluster, type Cluster, type Replicas } from './replicas';

let cluster: Cluster;
let replicas: Replicas;
let servers: TestServer[];
let account: Account;
let agent: TestAgent;

beforeAll(async () => {
  cluster = await startCluster();
}, 600_000);
afterAll(() => cluster.stop());

beforeEach(async () => {
  replicas = await cluster.start(2, { DEFAULT_ORG_CONCURRENCY_LIMIT: '50' });
  servers = [replica(replicas, 0), replica(replicas, 1)];
  await Promise.all(servers.map((server) => server.followUps.stop()));
  ({ account, agent } = await readyToCall(replica(replicas, 0)));
});
afterEach(() => replicas.close());

test('of calls to one number through both servers exactly the limit is placed', async () => {
  await replica(replicas, 0)
    .request.put(policyPath)
    .set('Authorization', `Bearer ${account.token}`)
    .send({ max_calls_per_number: { calls: 3, window: 'PT1H' } })
    .expect(200);
  for (const number of ['+14155550142', '+14155550143', '+14155550144']) {
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        replica(replicas, index % 2)
          .request.post(`/api/v1/public/agent/${agent.triggerPath}`)
          .set('X-API-Key', account.apiKey)
          .send({ phone_number: number }),
      ),
    );
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(3).fill(200), ...Array<number>(9).fill(422)]);
  }
});

test('a call that is canceled while its attempt ends on the other server ends, and does not wait for ever', async () => {
  const [one, other] = [replica(replicas, 0), replica(replicas, 1)];
  const retry = { max_attempts: 2, on: ['busy'], after: ['PT1M'] };
  const runId = await startCall(one, account, agent, { phone_number: '+14155550100', retry });
  const watcher = new Client({ connectionString: replicas.url });
  await watcher.connect();
  try {
    // The end of the attempt has read the call, and waits with its next write.
    await watcher.query('begin; lock table attempts in exclusive mode');
    const ending = one.services
      .callReports('sandbox')
      .report({ runId, attempt: 1 }, [{ ...ended('busy'), rawStatus: 'busy' }]);
    await waitingFor(watcher, 'attempts');
    const canceling = other.request
      .post(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}/cancel`)
      .set('X-API-Key', account.apiKey)
      .then(({ status }) => status);
    await Promise.race([canceling, waitingForLock(watcher)]);
    await watcher.query('rollback');
    await ending;
    expect(await canceling).toBe(202);
  } finally {
    await watcher.end();
  }
  const reply = await one.request
    .get(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(reply.body as Run).toMatchObject({ status: 'canceled', is_completed: true });
});

/** Resolves when a write waits for this table. */
async function waitingFor(watcher: Client, table: string): Promise<void> {
  const text = 'select 1 from pg_locks where not granted and relation = $1::regclass';
  while ((await watcher.query(text, [table])).rows.length === 0);
}

/** Resolves when a write waits for the lock of a run or an organization. */
async function waitingForLock(watcher: Client): Promise<void> {
  const text = `select 1 from pg_locks where not granted and locktype = 'advisory'`;
  while ((await watcher.query(text)).rows.length === 0);
}
