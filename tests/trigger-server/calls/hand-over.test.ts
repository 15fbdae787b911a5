/** Calls that another server holds: through which account they go, what they take along, and that they never go round. */
import { createAgent, definitionWith } from '../../support/agents';
import { readRun } from '../../support/calls';
import {
  addCarrier,
  addConfiguration,
  alterConfiguration,
  configurationsPath,
} from '../../support/telephony';
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

test('a recorded greeting goes along unchanged, and is refused in words for an agent that speaks here', async () => {
  await addDograh();
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
  const greeting_override = { type: 'audio', recording_id: 'rec_01' };
  expect((await call({ greeting_override }, dograhTrigger)).status).toBe(200);
  expect(sentContext().greeting_override).toEqual(greeting_override);
  const refused = await call({ greeting_override });
  expect(refused.status).toBe(422);
  expect(refused.body).toMatchObject({
    detail: [
      {
        loc: ['body', 'initial_context', 'greeting_override'],
        msg: expect.stringContaining('Only an agent whose calls a Dograh holds') as unknown,
      },
    ],
  });
  expect(refused.headers).not.toHaveProperty('location');
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

describe('with two accounts at Dographs', () => {
  let second: LoopbackDograh;
  let ids: number[];
  beforeEach(async () => {
    second = await startDograh();
    ids = [];
    for (const [name, at] of [
      ['First', vendor],
      ['Second', second],
    ] as const) {
      const config = { provider: 'dograh', ...dograhSettings(at) };
      ids.push((await addCarrier(server, account, config, { name, is_default_outbound: false })).id);
    }
  });
  afterEach(() => second.close());

  /** A call of an agent with this answer. */
  async function callWith(answer: { account_id?: number | undefined }, request: object = {}) {
    const { triggerPath } = await createAgent(server, account, definitionWith({}), {
      answer: { mode: 'dograh', agent: dograhTrigger, ...answer },
    });
    return server.request
      .post(`/api/v1/public/agent/${triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: '+14155550100', ...request });
  }
  const dials = () => [vendor.dials.length, second.dials.length];
  const makeDefault = (id: number | undefined) =>
    server.request
      .post(`${configurationsPath}/${String(id)}/set-default-outbound`)
      .set('X-API-Key', account.apiKey)
      .expect(200);

  test('a call goes through the one that the agent names, also if the other is the default', async () => {
    await makeDefault(ids[0]);
    expect((await callWith({ account_id: ids[1] })).status).toBe(200);
    expect(dials()).toEqual([0, 1]);
  });

  test('a call of an agent that names none is refused in words, and nobody is called', async () => {
    const reply = await callWith({});
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      code: 'telephony_not_configured',
      detail: expect.stringMatching(/Several .*'First'.*'Second'.*Set account_id/) as unknown,
    });
    expect(dials()).toEqual([0, 0]);
  });

  test('a request or the default may name it', async () => {
    expect((await callWith({}, { telephony_configuration_id: ids[1] })).status).toBe(200);
    await makeDefault(ids[0]);
    expect((await callWith({})).status).toBe(200);
    expect(dials()).toEqual([1, 1]);
  });

  test('a default that is parked is not replaced by the other: the agent is not there', async () => {
    await makeDefault(ids[0]);
    await alterConfiguration(server, ids[0]!, { inactive_since: '2026-11-01T00:00:00.000Z' });
    const reply = await callWith({});
    expect(reply.body).toMatchObject({ code: 'telephony_not_ready' });
    expect(dials()).toEqual([0, 0]);
  });

  test('an account that the organization does not have is refused in words', async () => {
    const reply = await callWith({ account_id: 9999 });
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({
      code: 'telephony_configuration_not_found',
      detail: expect.stringContaining('telephony configuration 9999 (account_id)') as unknown,
    });
    expect(dials()).toEqual([0, 0]);
  });
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

describe('while the account at Dograh has no credits', () => {
  const at = async (fields: object) => {
    const { triggerPath } = await createAgent(server, account, definitionWith({}), {
      answer: { mode: 'dograh', agent: dograhTrigger },
    });
    return server.request
      .post(`/api/v1/public/agent/${triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: '+14155550100', ...fields });
  };
  beforeEach(async () => {
    await addDograh();
    vendor.state.isWithoutCredits = true;
  });

  test('a call is refused in Dograh’s words, and may come again in five minutes', async () => {
    const reply = await at({});
    expect([reply.status, reply.headers['retry-after'], reply.body]).toEqual([
      400,
      '300',
      {
        detail: 'Failed to initiate call: Dograh: Dograh credits exhausted (HTTP 402)',
        code: 'carrier_busy',
      },
    ]);
  });

  test('a call that may wait is placed once there are some', async () => {
    const notBefore = new Date(server.clock.now().getTime() + 1000).toISOString();
    const reply = await at({ not_before: notBefore });
    const { workflow_run_id: runId } = reply.body as { workflow_run_id: number };
    await server.advance(2000);
    expect(vendor.dials).toHaveLength(1);
    expect(await readRun(server, account, runId)).toMatchObject({ status: 'queued', waiting_for: 'carrier' });
    vendor.state.isWithoutCredits = false;
    await server.advance(300_000);
    expect(vendor.dials).toHaveLength(2);
    expect((await readRun(server, account, runId)).status).toBe('initiated');
  });
});
