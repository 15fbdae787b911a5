/** `GET /console/events`: who gets which changes, how a page resumes, and when a stream ends. */
import type { WebhookDelivery } from '@dograh-trigger/shared';
import { readyToCall, type TestAgent } from '../../support/agents';
import { emailOf, signInBrowser } from '../../support/browser-session';
import { startCall } from '../../support/calls';
import { openEvents, type EventStream } from '../../support/event-stream';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
const open: EventStream[] = [];
beforeEach(async () => {
  server = await startTestServer({ EXTENSIONS: 'callback-url', DEFAULT_ORG_CONCURRENCY_LIMIT: '1000' });
  ({ account, agent } = await readyToCall(server));
});
afterEach(async () => {
  for (const stream of open.splice(0)) await stream.close();
  await server.close();
});

const second = 1000;
const phone = { phone_number: '+14155550100' };
/** A sandbox number that is answered after 18 seconds. */
const ringsLong = { phone_number: '+15005550016' };

async function listen(headers: Record<string, string> = { 'X-API-Key': account.apiKey }) {
  const stream = await openEvents(server, headers);
  open.push(stream);
  return stream;
}

test('a call is seen from its start to its end, without its number', async () => {
  const stream = await listen();
  const runId = await startCall(server, account, agent, phone);
  const states: unknown[] = [];
  for (let step = 0; step < 4; step += 1) {
    await server.advance(second);
    states.push((await stream.next('run')).data.status);
    if (states.at(-1) === 'completed') break;
  }
  expect(states.at(-1)).toBe('completed');
  expect(stream.text).toContain(`"id":${String(runId)},"workflow_id":${String(agent.id)}`);
  expect(stream.text).not.toContain('4155550100');
  await server.advance(60 * second);
  expect(stream.ended).toBe(false);
});

test('a delivery is seen as the list of deliveries shows it', async () => {
  const stream = await listen();
  const runId = await startCall(server, account, agent, {
    ...phone,
    callback_url: 'https://receiver.example.test/hook',
  });
  await server.advance(5 * second);
  const event = await stream.next('delivery');
  const reply = await server.request
    .get('/api/v1/webhook-deliveries')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  const [delivery] = (reply.body as { deliveries: WebhookDelivery[] }).deliveries;
  expect(event.data).toMatchObject({ id: delivery?.id, workflow_run_id: runId, status: 'pending' });
});

test('nothing of another organization is ever sent', async () => {
  const other = await readyToCall(server);
  const [own, foreign] = [await listen(), await listen({ 'X-API-Key': other.account.apiKey })];
  const runId = await startCall(server, other.account, other.agent, phone);
  await server.advance(second);
  expect((await foreign.next('run')).data.id).toBe(runId);
  await server.advance(20 * second);
  const ownRun = await startCall(server, account, agent, phone);
  await server.advance(second);
  expect((await own.next('run')).data.id).toBe(ownRun);
  expect(own.text).not.toMatch(new RegExp(`"id":${String(runId)},`));
});

test('a signed-in browser listens by its cookie; a page of another origin cannot', async () => {
  const browser = await signInBrowser(server, await emailOf(server, account.apiKey));
  const stream = await listen(browser.headers);
  expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8' });
  expect(stream.headers['cache-control']).toBe('no-store');
  await expect(listen({ Cookie: browser.cookie, 'Sec-Fetch-Site': 'cross-site' })).rejects.toThrow('403');
  await expect(listen({})).rejects.toThrow('401');
});

describe('a page that connects again', () => {
  test('gets what it has missed, and nothing twice', async () => {
    const first = await listen();
    const seen = await startCall(server, account, agent, ringsLong);
    await server.advance(second);
    const { id } = await first.next('run');
    await first.close();
    await server.advance(60 * second);
    const missed = await startCall(server, account, agent, phone);
    const again = await listen({ 'X-API-Key': account.apiKey, 'Last-Event-ID': id });
    await server.advance(second);
    const events = [await again.next('run'), await again.next('run')];
    expect(events.map(({ data }) => data.id)).toEqual([seen, missed]);
    expect(events[0]?.data.status).toBe('completed');
    await server.advance(10 * second);
    expect(again.text).not.toContain('reset');
  });

  test.each(['999999', 'nonsense', '-1'])(
    'with the unknown id %s, is told to read its lists again',
    async (id) => {
      const stream = await listen({ 'X-API-Key': account.apiKey, 'Last-Event-ID': id });
      expect((await stream.next('reset')).data).toEqual({});
    },
  );

  test('after more changes than are kept, is told so, too', async () => {
    const stream = await listen();
    await startCall(server, account, agent, phone);
    await server.advance(second);
    const { id } = await stream.next('run');
    await stream.close();
    await server.storage.write(async (session) => {
      const insert = session.builder
        .insertInto('changes')
        .values(
          Array.from({ length: 111 }, () => ({ organization_id: 0, kind: 'run' as const, subject_id: 1 })),
        );
      for (let times = 0; times < 100; times += 1) await session.run(insert.compile());
    });
    const again = await listen({ 'X-API-Key': account.apiKey, 'Last-Event-ID': id });
    await again.next('reset');
    const { read } = server.services.storage;
    const { rows } = await read.run(
      read.builder
        .selectFrom('changes')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .compile(),
    );
    const count = rows[0]?.count;
    expect(count).toBeGreaterThanOrEqual(10_000);
    expect(count).toBeLessThan(11_000);
  });
});

test('more than 500 changes of one organization within a second are one reset', async () => {
  const stream = await listen();
  const { organizationId } = account;
  await server.storage.write(async (session) => {
    const changes = Array.from({ length: 501 }, (_, index) => ({
      organization_id: organizationId,
      kind: 'run' as const,
      subject_id: 1000 + index,
    }));
    await session.run(session.builder.insertInto('changes').values(changes).compile());
  });
  await server.advance(second);
  await stream.next('reset');
  const runId = await startCall(server, account, agent, phone);
  await server.advance(second);
  expect((await stream.next('run')).data.id).toBe(runId);
});

test('a quiet stream gets a comment every 15 seconds', async () => {
  const stream = await listen();
  await server.advance(16 * second);
  await stream.until(': keep-alive');
  expect(stream.text).toMatch(/^retry: 3000\nid: \d+\n\n: keep-alive\nid: \d+\n\n$/);
});

describe('a stream ends', () => {
  test('at a drain, and no new one begins', async () => {
    const stream = await listen();
    server.services.lifecycle.draining = true;
    await server.advance(second);
    await stream.end;
    await expect(listen()).rejects.toThrow('503');
  });

  test('within 30 seconds after its session has ended', async () => {
    const browser = await signInBrowser(server, await emailOf(server, account.apiKey));
    const [stream, other] = [await listen(browser.headers), await listen()];
    await server.request.post('/api/v1/auth/logout').set(browser.headers).expect(200);
    await server.advance(31 * second);
    await stream.end;
    expect(other.ended).toBe(false);
  });

  test('within 30 seconds after its key was archived', async () => {
    const stream = await listen();
    await server.request.delete('/api/v1/user/api-keys/1').set('X-API-Key', account.apiKey).expect(200);
    await server.advance(31 * second);
    await stream.end;
  });

  test('after an hour, so that the page is authenticated again', async () => {
    const stream = await listen();
    await server.advance(3601 * second);
    await stream.end;
  });
});

test('an organization has at most 20 streams, and another one can still listen', async () => {
  for (let count = 0; count < 20; count += 1) await listen();
  await expect(listen()).rejects.toThrow('429');
  const other = await server.signUp();
  await listen({ 'X-API-Key': other.apiKey });
  await open[0]?.close();
  await server.advance(second);
  await listen();
});

test('while nobody listens, no change is read', async () => {
  const stream = await listen();
  await stream.close();
  await server.advance(second);
  let reads = 0;
  server.storage.tap({
    beforeQuery: ({ sql }) => {
      if (sql.includes('"changes"')) reads += 1;
    },
  });
  await startCall(server, account, agent, phone);
  await server.advance(10 * second);
  expect(reads).toBe(0);
});
