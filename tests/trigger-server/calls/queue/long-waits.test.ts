/** Calls that wait for long: their keys, their version, and a clock of the machine that is set back. */
import { createAgent, saveDraft, type TestAgent } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { addConfiguration } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { noteJump } from '../../../../trigger-server/src/jumps';

let server: TestServer;
let account: Account;
let agent: TestAgent;

// The clock of the tests begins on Monday, 23 November 2026, at 12:00 UTC.
const minute = 60_000;
const hour = 60 * minute;

beforeEach(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  account = await server.signUp();
  agent = await createAgent(server, account);
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
});
afterEach(() => server.close());

function trigger(body: object, key: string) {
  return server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set({ 'X-API-Key': account.apiKey, 'Idempotency-Key': key })
    .send({ phone_number: '+14155550100', ...body });
}

const idOf = ({ body }: { body: unknown }) => (body as { workflow_run_id: number }).workflow_run_id;

test.each([
  ['its time', { not_before: '2026-11-26T12:00:00Z' }],
  ['a slot', { when_busy: 'wait' }],
])('a repeat is never a second call while the first waits for %s', async (_name, body) => {
  await trigger({}, 'takes the slot').expect(200);
  const runId = idOf(await trigger(body, 'order 4711').expect(202));
  server.clock.pass(50 * hour);
  const repeat = await trigger(body, 'order 4711').expect(202);
  expect(idOf(repeat)).toBe(runId);
  expect(repeat.headers['idempotency-replayed']).toBe('true');
});

test('the key of a call that was moved is kept until its new time, too', async () => {
  const body = { not_before: '2026-11-23T13:00:00Z' };
  const runId = idOf(await trigger(body, 'order 4711').expect(202));
  await server.request
    .patch(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}`)
    .set('X-API-Key', account.apiKey)
    .send({ not_before: '2027-05-01T12:00:00Z' })
    .expect(200);
  server.clock.pass(150 * 24 * hour);
  expect(idOf(await trigger(body, 'order 4711').expect(202))).toBe(runId);
});

test('after the clock was set back, a call that waits for a slot does not wait for the old time', async () => {
  const first = idOf(await trigger({}, 'takes the slot').expect(200));
  const runId = idOf(await trigger({ when_busy: 'wait' }, 'order 4711').expect(202));
  server.clock.jump(-6 * hour);
  noteJump(server.services, -6 * hour, -6 * hour);
  await server.advance(2 * minute);
  expect((await readRun(server, account, first)).status).toBe('completed');
  expect((await readRun(server, account, runId)).answered_at).not.toBeNull();
});

test('a call of a draft cannot keep its version, because the draft changes in place', async () => {
  await saveDraft(server, account, agent, { workflow_configurations: {} });
  const test = (path: string) =>
    server.request
      .post(`/api/v1/public/agent/${path}${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: '+14155550100', not_before: '2026-11-23T13:00:00Z', pin_version: true });
  const reply = await test('test/').expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'pin_version'] }] });
  await test('').expect(202);
});

test('half a surrogate pair in a reference is refused with its place', async () => {
  const reply = await trigger({ reference: '\ud800x', when_busy: 'wait' }, 'order 4711').expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'reference'] }] });
});
