/** `/health/live` and `/health/ready`: what a supervisor and a load balancer see. */
import { sql } from 'kysely';
import { DatabaseRefusal } from '../../trigger-server/src/storage/port';
import { startTestServer, type TestServer } from '../support/test-server';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

async function ask(probe: 'live' | 'ready') {
  const reply = await fetch(`${server.baseUrl}/health/${probe}`);
  return { status: reply.status, retryAfter: reply.headers.get('retry-after'), body: await reply.json() };
}

const isLive = { status: 200, body: { status: 'live' } };
const isReady = { status: 200, retryAfter: null, body: { status: 'ready' } };

/** What was asked less than a second ago is not asked again. */
const later = () => server.advance(1000);

test('a server that serves is live and ready', async () => {
  expect(await ask('live')).toMatchObject(isLive);
  expect(await ask('ready')).toEqual(isReady);
});

test('a server that stops is live, and no load balancer sends it a new request', async () => {
  server.services.lifecycle.draining = true;
  expect(await ask('live')).toMatchObject(isLive);
  expect(await ask('ready')).toMatchObject({ status: 503, retryAfter: '5', body: { code: 'draining' } });
});

test('without its database it is not ready, and it is ready again as soon as the database answers', async () => {
  server.storage.tap({
    beforeQuery: () => {
      throw new DatabaseRefusal('no', new Error('no'));
    },
  });
  expect(await ask('ready')).toMatchObject({
    status: 503,
    retryAfter: '5',
    body: { code: 'database_unavailable', detail: 'The database does not answer.' },
  });
  expect(await ask('live')).toMatchObject(isLive);
  server.storage.untap();
  await later();
  expect(await ask('ready')).toEqual(isReady);
});

test('a database that lost a change of this version is not used', async () => {
  await server.storage.write((session) =>
    session.run(
      sql`delete from schema_migrations where name = '0033_demo_organization'`.compile(session.builder),
    ),
  );
  expect(await ask('ready')).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
});

test('a damaged database is not used', async () => {
  server.services.lifecycle.damage = new Error('damaged');
  expect(await ask('ready')).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
});

test('however often it is asked, the database is asked once in a second', async () => {
  let queries = 0;
  server.storage.tap({ beforeQuery: () => (queries += 1) });
  for (let turn = 0; turn < 20; turn += 1) await ask('ready');
  expect(queries).toBe(1);
  await later();
  await ask('ready');
  expect(queries).toBe(2);
});

test('a server without extensions has them too, with Retry-After', async () => {
  await server.close();
  server = await startTestServer({ EXTENSIONS: '', ROLE: 'worker' });
  expect(await ask('ready')).toEqual(isReady);
  server.services.lifecycle.draining = true;
  expect(await ask('ready')).toMatchObject({ status: 503, retryAfter: '5' });
});
