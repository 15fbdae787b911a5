/** Calls that another server holds: through which account they go, what they take along, and that they never go round. */
import { createAgent, definitionWith } from '../../support/agents';
import { readRun } from '../../support/calls';
import { addCarrier, addConfiguration } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  dograhSettings,
  dograhTrigger,
  startDograh,
  type LoopbackDograh,
} from '../../support/vendors/dograh';

let vendor: LoopbackDograh;
let server: TestServer;
let account: Account;
beforeEach(async () => {
  vendor = await startDograh();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

const addDograh = () =>
  addCarrier(server, account, { provider: 'dograh', ...dograhSettings(vendor) }, { name: 'Dograh' });

/** Calls an agent here whose calls an agent at Dograh holds; without `agent`, it announces. */
async function call(initial_context: object, agent?: string) {
  const { triggerPath } = await createAgent(server, account, definitionWith({}), {
    answer: agent === undefined ? 'announce' : { mode: 'dograh', agent },
  });
  return server.request
    .post(`/api/v1/public/agent/${triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100', initial_context });
}

function sentContext(): Record<string, unknown> {
  const { initial_context } = JSON.parse(String(vendor.dials[0]?.body)) as {
    initial_context: Record<string, unknown>;
  };
  return initial_context;
}

test('a call takes its variables and its greeting along, and no name that belongs to a server', async () => {
  await addDograh();
  const greeting_override = { type: 'text', text: 'Hello Jane' };
  const given = { user: { name: 'Jane' }, greeting_override, telephony_configuration_id: 1, direction: 'up' };
  expect((await call(given, dograhTrigger)).status).toBe(200);
  const { dograh_trigger_call: mark, ...context } = sentContext();
  expect(context).toEqual({ user: { name: 'Jane' }, greeting_override });
  expect(mark).toMatch(/^carrier-[0-9a-f]{12}-\d+$/);
});

test('the mark of a client does not go along, and does not stop the call', async () => {
  await addDograh();
  expect((await call({ dograh_trigger_call: 'ab'.repeat(32) }, dograhTrigger)).status).toBe(200);
  expect(sentContext().dograh_trigger_call).toMatch(/^carrier-/);
});

test('a call that a server has handed over is not handed over again: 400, nothing is recorded or dialled', async () => {
  await addDograh();
  await call({}, dograhTrigger);
  const returned = await call(sentContext(), dograhTrigger);
  expect(returned.status).toBe(400);
  expect(returned.body).toMatchObject({
    code: 'endless_call',
    detail: expect.stringContaining('Nobody was called') as unknown,
  });
  expect(returned.headers).not.toHaveProperty('location');
  expect(vendor.dials).toHaveLength(1);
});

test('a call that a server has handed over may go through a carrier', async () => {
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
  expect((await call({ dograh_trigger_call: 'carrier-0123456789ab-1' })).status).toBe(200);
});

test('each kind of agent goes through an account that can answer, whichever is the default or the first', async () => {
  await addDograh();
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
  const modeOf = async (reply: Awaited<ReturnType<typeof call>>) =>
    (await readRun(server, account, (reply.body as { workflow_run_id: number }).workflow_run_id)).mode;
  expect(await modeOf(await call({}, dograhTrigger))).toBe('dograh');
  expect(await modeOf(await call({}))).toBe('sandbox');
});

test('another language than that of the agent at Dograh is 501: nobody is called', async () => {
  await addDograh();
  const { triggerPath } = await createAgent(server, account, definitionWith({}), {
    answer: { mode: 'dograh', agent: dograhTrigger },
  });
  const reply = await server.request
    .post(`/api/v1/public/agent/${triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100', language: 'es-MX' });
  expect(reply.status).toBe(501);
  expect(reply.body).toMatchObject({ code: 'language_not_supported' });
  expect(vendor.dials).toHaveLength(0);
});
