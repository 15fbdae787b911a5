/** The server never gets a reply of PostgreSQL. */
import { endUndialled } from '../../../trigger-server/src/calls/resume-calls';
import { DatabaseRefusal } from '../../../trigger-server/src/storage/port';
import { readyToCall } from '../../support/agents';
import { layCable, type Cable } from './cable';
import { replica, startCluster, type Cluster, type Replicas } from './replicas';

let cluster: Cluster;
let cable: Cable;
let replicas: Replicas;

beforeAll(async () => {
  cluster = await startCluster();
}, 600_000);
afterAll(() => cluster.stop());

beforeEach(async () => {
  cable = await layCable(Number(new URL(cluster.postgres.urlOf('postgres')).port));
  replicas = await cluster.start(1, { DEFAULT_ORG_CONCURRENCY_LIMIT: '1' }, cable.port);
});
afterEach(async () => {
  cable.mend();
  await replicas.close();
  await cable.close();
});

test('a call whose commit became known too late is ended: its slot, its key and its place in the daily limit are free', async () => {
  const server = replica(replicas, 0);
  const { account, agent } = await readyToCall(server);
  await server.request
    .put('/api/v1/organizations/destination-policy')
    .set('Authorization', `Bearer ${account.token}`)
    .send({ daily_calls_per_key: 1 })
    .expect(200);
  const trigger = () =>
    server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .set('Idempotency-Key', 'k')
      .send({ phone_number: '+14155550100' });

  const [refused] = await Promise.all([trigger(), cable.cutAtCommit()]);
  expect(refused.status).toBe(503);
  cable.mend();
  expect((await trigger()).status).toBe(409);

  await endUndialled(server.services);
  const placed = await trigger();
  expect(placed.status).toBe(200);
  expect(placed.headers).not.toHaveProperty('idempotency-replayed');
});

test('a write on a connection that has gone silent is made through another one', async () => {
  const server = replica(replicas, 0);
  cable.silence('now');
  expect((await server.signUp()).organizationId).toBeGreaterThan(0);
});

test('while the network to PostgreSQL is silent, writes are refused, and afterwards they are made', async () => {
  const server = replica(replicas, 0);
  cable.silence('all');
  const writes = await Promise.allSettled([server.signUp(), server.signUp()]);
  expect(writes).toEqual(
    writes.map(() => ({ status: 'rejected', reason: expect.any(DatabaseRefusal) as unknown })),
  );
  cable.mend();
  expect((await server.signUp()).organizationId).toBeGreaterThan(0);
});
