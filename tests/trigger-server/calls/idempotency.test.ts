/** A repeat with the same key never dials again, whatever the result of the first request. */
import { resumeCalls } from '../../../trigger-server/src/calls/resume-calls';
import { providers } from '../../../trigger-server/src/carriers/registry';
import { readyToCall } from '../../support/agents';
import { nextServer } from '../../support/next-server';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

function trigger(path: string, account: Account, key: string, json: object) {
  return server.request
    .post(`/api/v1/public/agent/${path}`)
    .set('X-API-Key', account.apiKey)
    .set('Idempotency-Key', key)
    .send(json);
}

async function runCount(account: Account, agentId: number): Promise<number> {
  const page = await server.request
    .get(`/api/v1/workflow/${String(agentId)}/runs`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (page.body as { total_count: number }).total_count;
}

const hour = 60 * 60 * 1000;
const body = { phone_number: '+14155550100', initial_context: { a: 1, b: { c: 2, d: 3 } } };

test('a repeat gets the first reply, marked as replayed, and places no second call', async () => {
  const { account, agent } = await readyToCall(server);
  const first = await trigger(agent.triggerPath, account, 'k', body).expect(200);
  const again = await trigger(agent.triggerPath, account, 'k', body).expect(200);
  expect(again.body).toEqual(first.body);
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(again.headers.location).toBe(first.headers.location);
  expect(await runCount(account, agent.id)).toBe(1);
});

test('the same body with its keys in another order is a repeat', async () => {
  const { account, agent } = await readyToCall(server);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
  const reordered = { initial_context: { b: { d: 3, c: 2 }, a: 1 }, phone_number: '+14155550100' };
  const again = await trigger(agent.triggerPath, account, 'k', reordered).expect(200);
  expect(again.headers['idempotency-replayed']).toBe('true');
});

test('a refused dial is replayed as refused', async () => {
  const { account, agent } = await readyToCall(server);
  const first = await trigger(agent.triggerPath, account, 'k', { phone_number: '+15005550001' }).expect(400);
  const again = await trigger(agent.triggerPath, account, 'k', { phone_number: '+15005550001' }).expect(400);
  expect(again.body).toEqual(first.body);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(await runCount(account, agent.id)).toBe(1);
});

test('of many simultaneous requests with one key, exactly one places a call', async () => {
  const { account, agent } = await readyToCall(server);
  const replies = await Promise.all(
    Array.from({ length: 12 }, () => trigger(agent.triggerPath, account, 'k', body)),
  );
  for (const reply of replies) {
    if (reply.status === 409) {
      expect(reply.body).toMatchObject({ detail: 'A call with this idempotency key is still being placed' });
    } else {
      expect(reply.status).toBe(200);
    }
  }
  expect(
    replies.filter(({ status, headers }) => status === 200 && !('idempotency-replayed' in headers)),
  ).toHaveLength(1);
  expect(await runCount(account, agent.id)).toBe(1);
});

test.each([
  ['another number', { ...body, phone_number: '+14155550199' }],
  ['another context', { ...body, initial_context: { a: 2 } }],
])('the same key with %s is refused', async (_name, other) => {
  const { account, agent } = await readyToCall(server);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
  const reply = await trigger(agent.triggerPath, account, 'k', other).expect(422);
  expect(reply.body).toMatchObject({ detail: 'Idempotency key was already used with a different request' });
  expect(await runCount(account, agent.id)).toBe(1);
});

test('the same key on the test route is refused as a different request', async () => {
  const { account, agent } = await readyToCall(server);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
  await trigger(`test/${agent.triggerPath}`, account, 'k', body).expect(422);
});

test('two organizations may use the same key', async () => {
  const first = await readyToCall(server);
  const second = await readyToCall(server);
  await trigger(first.agent.triggerPath, first.account, 'k', body).expect(200);
  const reply = await trigger(second.agent.triggerPath, second.account, 'k', body).expect(200);
  expect(reply.headers).not.toHaveProperty('idempotency-replayed');
});

test('a request that was refused before a run existed leaves its key free', async () => {
  const { account, agent } = await readyToCall(server);
  await trigger(agent.triggerPath, account, 'k', { phone_number: '12' }).expect(422);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
});

test('a key is forgotten after 24 hours', async () => {
  const { account, agent } = await readyToCall(server);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
  await server.advance(24 * hour - 1);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
  expect(await runCount(account, agent.id)).toBe(1);
  await server.advance(1);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
  expect(await runCount(account, agent.id)).toBe(2);
});

test.each([
  ['an hour', 3600, hour],
  ['30 days', 2_592_000, 30 * 24 * hour],
])('a key is kept for %s if the request says so, and no longer', async (_name, seconds, lasting) => {
  const { account, agent } = await readyToCall(server);
  const send = () =>
    trigger(agent.triggerPath, account, 'k', body)
      .set('Idempotency-Key-Lifetime', String(seconds))
      .expect(200);
  await send();
  await server.advance(lasting - 1);
  expect((await send()).headers['idempotency-replayed']).toBe('true');
  await server.advance(1);
  expect((await send()).headers).not.toHaveProperty('idempotency-replayed');
  expect(await runCount(account, agent.id)).toBe(2);
});

test('a repeat with another lifetime, or none, does not change the lifetime of its key', async () => {
  const { account, agent } = await readyToCall(server);
  await trigger(agent.triggerPath, account, 'k', body).set('Idempotency-Key-Lifetime', '172800').expect(200);
  await trigger(agent.triggerPath, account, 'k', body).set('Idempotency-Key-Lifetime', '3600').expect(200);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
  await server.advance(48 * hour - 1);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
  expect(await runCount(account, agent.id)).toBe(1);
});

test.each(['3599', '2592001', '86400.5', '-86400', '1e5', '24h', '99999999999999999999'])(
  'a lifetime of %s is refused with its path, and nothing is dialled',
  async (lifetime) => {
    const { account, agent } = await readyToCall(server);
    const reply = await trigger(agent.triggerPath, account, 'k', body)
      .set('Idempotency-Key-Lifetime', lifetime)
      .expect(422);
    expect(reply.body).toMatchObject({
      detail: [
        {
          loc: ['header', 'Idempotency-Key-Lifetime'],
          msg: 'Use a whole number of seconds from 3600 (an hour) to 2592000 (30 days)',
        },
      ],
    });
    expect(await runCount(account, agent.id)).toBe(0);
  },
);

test('a lifetime without a key is refused, because its sender believes that a repeat is safe', async () => {
  const { account, agent } = await readyToCall(server);
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .set('Idempotency-Key-Lifetime', '3600')
    .send(body)
    .expect(422);
  expect(reply.body).toMatchObject({
    detail: [{ msg: 'It says how long Idempotency-Key is kept, and the request has none' }],
  });
  expect(await runCount(account, agent.id)).toBe(0);
});

test('without the extension key-lifetime, every key is kept for 24 hours', async () => {
  const older = await startTestServer({ EXTENSIONS: 'idempotency-key' });
  try {
    const { account, agent } = await readyToCall(older);
    const send = () =>
      older.request
        .post(`/api/v1/public/agent/${agent.triggerPath}`)
        .set('X-API-Key', account.apiKey)
        .set('Idempotency-Key', 'k')
        .set('Idempotency-Key-Lifetime', '172800')
        .send(body)
        .expect(200);
    await send();
    await older.advance(24 * hour);
    expect((await send()).headers).not.toHaveProperty('idempotency-replayed');
  } finally {
    await older.close();
  }
});

test('expired keys are deleted a few at a time, and an expired key that still exists can be used again', async () => {
  const { account, agent } = await readyToCall(server);
  const first = await trigger(agent.triggerPath, account, 'last', body).expect(200);
  const { workflow_run_id: run_id } = first.body as { workflow_run_id: number };
  const { organizationId: organization_id } = account;
  await server.services.storage.write(async (session) => {
    for (let number = 0; number < 40; number += 1) {
      const expires_at = `2020-01-01T00:00:00.${String(number).padStart(3, '0')}Z`;
      const values = { organization_id, key: `old ${String(number)}`, request_hash: '', run_id, expires_at };
      await session.run(session.builder.insertInto('idempotency_keys').values(values).compile());
    }
  });
  const keys = async () => {
    const { read } = server.services.storage;
    const query = read.builder.selectFrom('idempotency_keys').select('key').orderBy('expires_at');
    return (await read.run(query.where('organization_id', '=', organization_id).compile())).rows;
  };
  await server.advance(24 * hour);
  await trigger(agent.triggerPath, account, 'new', body).expect(200);
  expect((await keys()).map(({ key }) => key)).toEqual([
    ...Array.from({ length: 30 }, (_, index) => `old ${String(index + 10)}`),
    'last',
    'new',
  ]);
  const again = await trigger(agent.triggerPath, account, 'last', body).expect(200);
  expect(again.headers).not.toHaveProperty('idempotency-replayed');
  expect(await keys()).toHaveLength(22);
});

test.each([
  ['256 characters', 'x'.repeat(256)],
  ['a tab', 'a\tb'],
])('a key of %s is refused with its path', async (_name, key) => {
  const { account, agent } = await readyToCall(server);
  const reply = await trigger(agent.triggerPath, account, key, body).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['header', 'Idempotency-Key'] }] });
});

test('a dial that was under way when the server stopped is not repeated: its key replays a 504', async () => {
  const { account, agent } = await readyToCall(server);
  const first = await trigger(agent.triggerPath, account, 'k', body).expect(200);
  const runId = (first.body as { workflow_run_id: number }).workflow_run_id;
  // The state after a crash between recording the run and recording the outcome of its dial.
  await server.services.storage.write((session) =>
    session.run(
      session.builder.updateTable('runs').set({ dial_outcome: null }).where('id', '=', runId).compile(),
    ),
  );
  await trigger(agent.triggerPath, account, 'k', body).expect(409);
  await resumeCalls(nextServer(server));
  const again = await trigger(agent.triggerPath, account, 'k', body).expect(504);
  expect(again.body).toMatchObject({
    detail: 'The carrier did not answer in time; the call may have been placed',
  });
  expect(again.headers.location).toBe(first.headers.location);
  expect(await runCount(account, agent.id)).toBe(1);
});

test('a dial that fails unexpectedly may have been made: its key replays the 504', async () => {
  const { account, agent } = await readyToCall(server);
  const dial = jest.spyOn(providers.sandbox, 'placeCall').mockImplementationOnce(() => {
    throw new Error('unforeseen');
  });
  const first = await trigger(agent.triggerPath, account, 'k', body).expect(504);
  const again = await trigger(agent.triggerPath, account, 'k', body).expect(504);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(again.headers.location).toBe(first.headers.location);
  expect(await runCount(account, agent.id)).toBe(1);
  dial.mockRestore();
});

test('a call that ended before the outcome of its dial was recorded is not dialled again', async () => {
  const { account, agent } = await readyToCall(server);
  await trigger(agent.triggerPath, account, 'k', body).expect(200);
  await server.advance(5000);
  // The state after a crash, if a callback ended the run before the carrier's reply was recorded.
  await server.services.storage.write((session) =>
    session.run(
      session.builder
        .updateTable('runs')
        .set({ dial_outcome: null })
        .where('agent_id', '=', agent.id)
        .where('completed_at', 'is not', null)
        .compile(),
    ),
  );
  await trigger(agent.triggerPath, account, 'k', body).expect(409);
  await resumeCalls(nextServer(server));
  await trigger(agent.triggerPath, account, 'k', body).expect(504);
  expect(await runCount(account, agent.id)).toBe(1);
});

test('with extensions off the header is ignored, as on plain Dograh', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const { account, agent } = await readyToCall(plain);
    const send = () =>
      plain.request
        .post(`/api/v1/public/agent/${agent.triggerPath}`)
        .set('X-API-Key', account.apiKey)
        .set('Idempotency-Key', 'k')
        .send(body)
        .expect(200);
    const first = await send();
    const second = await send();
    expect(second.body).not.toEqual(first.body);
    expect(second.headers).not.toHaveProperty('location');
    const health = await plain.request.get('/api/v1/health').expect(200);
    expect(health.body).not.toHaveProperty('extensions');
  } finally {
    await plain.close();
  }
});
