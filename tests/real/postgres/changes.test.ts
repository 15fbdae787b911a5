/** The stream of changes, when writes commit in another order than they took the ids of their changes. */
import { Client } from 'pg';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startCall } from '../../support/calls';
import { openEvents } from '../../support/event-stream';
import type { Account, TestServer } from '../../support/test-server';
import { replica, startCluster, type Cluster, type Replicas } from './replicas';

let cluster: Cluster;
let replicas: Replicas;
let server: TestServer;
let account: Account;
let agent: TestAgent;

beforeAll(async () => {
  cluster = await startCluster();
}, 600_000);
afterAll(() => cluster.stop());

beforeEach(async () => {
  replicas = await cluster.start(1);
  server = replica(replicas, 0);
  await server.followUps.stop();
  ({ account, agent } = await readyToCall(server));
});
afterEach(() => replicas.close());

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: replicas.url });
  await client.connect();
  return client;
}

const call = () => startCall(server, account, agent, { phone_number: '+14155550100' });

test('a change that commits after one with a larger id is sent, and a page that resumes gets it, too', async () => {
  const [early, late] = [await call(), await call()];
  const stream = await openEvents(server, { 'X-API-Key': account.apiKey });
  const [first, second] = [await connect(), await connect()];
  await first.query('begin');
  await first.query(`update runs set status = 'ringing' where id = ${early}`);
  await second.query(`update runs set status = 'ringing' where id = ${late}`);
  await server.advance(1000);
  const seen = await stream.next('run');
  expect(seen.data).toMatchObject({ id: late });
  await first.query('commit');
  await server.advance(1000);
  expect((await stream.next('run')).data).toMatchObject({ id: early });

  const resumed = await openEvents(server, { 'X-API-Key': account.apiKey, 'Last-Event-ID': seen.id });
  await server.advance(1000);
  expect((await resumed.next('run')).data).toMatchObject({ id: early });
  await Promise.all([first.end(), second.end(), stream.close(), resumed.close()]);
});

test('a write under way when a page connects is not missed', async () => {
  const [early, late] = [await call(), await call()];
  const client = await connect();
  await client.query('begin');
  await client.query(`update runs set status = 'ringing' where id = ${early}`);
  const other = await connect();
  await other.query(`update runs set status = 'ringing' where id = ${late}`);
  const stream = await openEvents(server, { 'X-API-Key': account.apiKey });
  await client.query('commit');
  await server.advance(1000);
  expect((await stream.next('run')).data).toMatchObject({ id: early });
  await Promise.all([client.end(), other.end(), stream.close()]);
});

test('one statement records a change of each run that it changes, and none where the console shows the same', async () => {
  const calls = [await call(), await call()];
  const client = await connect();
  const changesBy = async (statement: string): Promise<number[]> => {
    await client.query('delete from changes');
    await client.query(statement);
    const { rows } = await client.query<{ id: number }>(
      "select subject_id::int as id from changes where kind = 'run' order by subject_id",
    );
    return rows.map(({ id }) => id);
  };
  expect(await changesBy("update runs set status = 'ringing'")).toEqual(calls);
  expect(await changesBy("update runs set status = 'ringing'")).toEqual([]);
  expect(await changesBy("update runs set follow_up_at = '2030-01-01T00:00:00.000Z'")).toEqual([]);
  await client.end();
});
