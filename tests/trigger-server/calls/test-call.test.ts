/** POST /telephony/initiate-call, Dograh's test call, by status. */
import type { Run } from '@dograh-trigger/shared';
import { createAgent, definitionWith, readyToCall, saveDraft, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { policyPath } from '../../support/destination-policy';
import { addConfiguration, alterConfiguration } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

const path = '/api/v1/telephony/initiate-call';
const phone_number = '+14155550100';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '3' });
});
afterAll(() => server.close());

function testCall({ apiKey }: Pick<Account, 'apiKey'>, body: object) {
  return server.request.post(path).set('X-API-Key', apiKey).send(body);
}

/** The organization's runs of this agent, newest first. */
async function runsOf(account: Account, agent: TestAgent): Promise<Run[]> {
  const page = await server.request
    .get(`/api/v1/workflow/${String(agent.id)}/runs`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (page.body as { runs: Run[] }).runs;
}

describe('200', () => {
  test('the reply contains the name of the run, and the Location header its URL', async () => {
    const { account, agent } = await readyToCall(server);
    const reply = await testCall(account, { workflow_id: agent.id, phone_number }).expect(200);
    const [run] = await runsOf(account, agent);
    expect(run?.name).toMatch(/^WR-TEL-OUT-\d{8}$/);
    expect(reply.body).toEqual({ message: `Call initiated successfully with run name ${String(run?.name)}` });
    expect(reply.headers.location).toBe(`/api/v1/workflow/${String(agent.id)}/runs/${String(run?.id)}`);
  });

  test('the call is dialled, answered and ended like any other', async () => {
    const { account, agent, configurationId } = await readyToCall(server);
    await testCall(account, { workflow_id: String(agent.id), phone_number: '+1 415 555 0100' }).expect(200);
    const [started] = await runsOf(account, agent);
    await server.advance(1000);
    expect(await readRun(server, account, started!.id)).toMatchObject({
      status: 'completed',
      mode: 'sandbox',
      call_type: 'outbound',
      initial_context: {
        phone_number,
        called_number: phone_number,
        direction: 'outbound',
        provider: 'sandbox',
        trigger_mode: 'test',
        telephony_configuration_id: configurationId,
      },
    });
  });

  test('the call runs the draft with its template variables, or the published agent if there is no draft', async () => {
    const { account, agent } = await readyToCall(server);
    const definitionOf = async () => {
      await testCall(account, { workflow_id: agent.id, phone_number }).expect(200);
      const [run] = await runsOf(account, agent);
      return run;
    };
    const published = await definitionOf();
    await saveDraft(server, account, agent, { template_context_variables: { city: 'Pune' } });
    const drafted = await definitionOf();
    expect(drafted?.definition_id).not.toBe(published?.definition_id);
    expect(published?.initial_context).not.toHaveProperty('city');
    expect(drafted?.initial_context).toMatchObject({ city: 'Pune' });
  });

  test('an archived agent can be tested', async () => {
    const { account, agent } = await readyToCall(server);
    await server.request
      .put(`/api/v1/workflow/${String(agent.id)}/status`)
      .set('X-API-Key', account.apiKey)
      .send({ status: 'archived' })
      .expect(200);
    await testCall(account, { workflow_id: agent.id, phone_number }).expect(200);
  });

  test('an agent with a disabled trigger, or without one, can be tested', async () => {
    const { account, agent } = await readyToCall(server, definitionWith({ enabled: false }));
    const { nodes, edges } = definitionWith();
    const withoutTrigger = { nodes: nodes.filter(({ type }) => type !== 'trigger'), edges };
    for (const { id } of [agent, await createAgent(server, account, withoutTrigger)]) {
      await testCall(account, { workflow_id: id, phone_number }).expect(200);
    }
  });

  test('a signed-in user may call, too', async () => {
    const { account, agent } = await readyToCall(server);
    const body = { workflow_id: agent.id, phone_number };
    await server.request.post(path).set('Authorization', `Bearer ${account.token}`).send(body).expect(200);
  });

  test('a repeat with the same idempotency key gets the first reply, and dials nobody', async () => {
    const { account, agent } = await readyToCall(server);
    const call = () =>
      testCall(account, { workflow_id: agent.id, phone_number }).set('Idempotency-Key', 'once');
    const first = await call().expect(200);
    const second = await call().expect(200);
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(await runsOf(account, agent)).toHaveLength(1);
  });
});

describe('400, in Dograh’s words for this route', () => {
  test.each([[{}], [{ phone_number: null }], [{ phone_number: '' }]])('no number: %j', async (body) => {
    const { account, agent } = await readyToCall(server);
    const reply = await testCall(account, { workflow_id: agent.id, ...body }).expect(400);
    expect(reply.body).toMatchObject({
      detail: 'Phone number must be provided in request or set in organization preferences',
    });
  });

  test('telephony is not configured', async () => {
    const account = await server.signUp();
    const agent = await createAgent(server, account);
    const reply = await testCall(account, { workflow_id: agent.id, phone_number }).expect(400);
    expect(reply.body).toEqual({ detail: 'telephony_not_configured', code: 'telephony_not_configured' });
  });

  test('a telephony configuration of another organization', async () => {
    const { account, agent } = await readyToCall(server);
    const { configurationId: telephony_configuration_id } = await readyToCall(server);
    const reply = await testCall(account, {
      workflow_id: agent.id,
      phone_number,
      telephony_configuration_id,
    }).expect(400);
    expect(reply.body).toEqual({
      detail: 'telephony_configuration_not_found',
      code: 'telephony_configuration_not_found',
    });
  });

  test('a telephony configuration that is not ready says why', async () => {
    const { account, agent } = await readyToCall(server);
    const { id } = await addConfiguration(server, account, { name: 'Broken' });
    await alterConfiguration(server, id, { provider: 'retired' });
    const body = { workflow_id: agent.id, phone_number, telephony_configuration_id: id };
    const reply = await testCall(account, body).expect(400);
    expect(reply.body).toEqual({
      detail: "'Broken' is not ready for outbound calls. Provider 'retired' is unavailable.",
      code: 'telephony_not_ready',
    });
  });

  test('a caller ID that is not the configuration’s own', async () => {
    const { account, agent } = await readyToCall(server);
    const body = { workflow_id: agent.id, phone_number, from_phone_number_id: 12345 };
    const reply = await testCall(account, body).expect(400);
    expect(reply.body).toMatchObject({ detail: 'from_phone_number_not_found' });
  });

  test('a run that does not exist, or belongs to another organization', async () => {
    const { account, agent } = await readyToCall(server);
    const stranger = await readyToCall(server);
    const theirs = await startCall(server, stranger.account, stranger.agent, { phone_number });
    for (const workflow_run_id of [999_999, theirs]) {
      const reply = await testCall(account, { workflow_id: agent.id, phone_number, workflow_run_id });
      expect([reply.status, reply.body]).toMatchObject([400, { detail: 'Workflow run not found' }]);
    }
  });

  test('a run of another agent', async () => {
    const { account, agent } = await readyToCall(server);
    const other = await createAgent(server, account);
    const workflow_run_id = await startCall(server, account, other, { phone_number });
    const reply = await testCall(account, { workflow_id: agent.id, phone_number, workflow_run_id });
    expect([reply.status, reply.body]).toMatchObject([400, { detail: 'workflow_run_workflow_mismatch' }]);
  });

  test('the carrier refused the call: its run ends with the reason', async () => {
    const { account, agent } = await readyToCall(server);
    const body = { workflow_id: agent.id, phone_number: '+15005550001' };
    const reply = await testCall(account, body).expect(400);
    expect((reply.body as { detail: string }).detail).toMatch(/^Failed to initiate call: sandbox/);
    expect(reply.headers.location).toMatch(/^\/api\/v1\/workflow\/\d+\/runs\/\d+$/);
    expect(await runsOf(account, agent)).toMatchObject([{ is_completed: true, status: 'error' }]);
  });
});

test('401 without a key, before the body is parsed', async () => {
  await server.request.post(path).set('Content-Type', 'application/json').send('{not json').expect(401);
});

describe('404', () => {
  test('an agent that does not exist, or belongs to another organization', async () => {
    const { account } = await readyToCall(server);
    const { agent: theirs } = await readyToCall(server);
    for (const workflow_id of [999_999, theirs.id]) {
      const reply = await testCall(account, { workflow_id, phone_number }).expect(404);
      expect(reply.body).toMatchObject({ detail: 'Workflow not found' });
    }
  });
});

describe('409: nobody is called twice for one run', () => {
  test.each([
    ['while its call is under way', 0, 'Workflow run already has an active call'],
    [
      'when its call has ended',
      1000,
      'This run has had its call. Leave workflow_run_id out to place another one.',
    ],
  ])('%s', async (_title, milliseconds, detail) => {
    const { account, agent } = await readyToCall(server);
    const workflow_run_id = await startCall(server, account, agent, { phone_number });
    await server.advance(milliseconds);
    const reply = await testCall(account, { workflow_id: agent.id, phone_number, workflow_run_id });
    expect([reply.status, reply.body]).toMatchObject([409, { detail }]);
    expect(await runsOf(account, agent)).toHaveLength(1);
  });
});

describe('422', () => {
  test.each([
    ['no agent', { phone_number }, 'workflow_id'],
    ['an invalid agent id', { workflow_id: 'first', phone_number }, 'workflow_id'],
    ['a number that no carrier could dial', { workflow_id: 1, phone_number: '4155550100' }, 'phone_number'],
    ['a phone number as a JSON number', { workflow_id: 1, phone_number: 14155550100 }, 'phone_number'],
  ])('%s', async (_title, body: { workflow_id?: unknown; phone_number: unknown }, place) => {
    const { account, agent } = await readyToCall(server);
    const own = body.workflow_id === 1 ? { ...body, workflow_id: agent.id } : body;
    const reply = await testCall(account, own).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', place] }] });
    expect(await runsOf(account, agent)).toEqual([]);
  });

  test('a number that the destination policy refuses', async () => {
    const { account, agent } = await readyToCall(server);
    const policy = { blocked_prefixes: [phone_number.slice(0, 6)] };
    const { token } = account;
    await server.request.put(policyPath).set('Authorization', `Bearer ${token}`).send(policy).expect(200);
    const reply = await testCall(account, { workflow_id: agent.id, phone_number }).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ type: 'destination_refused' }] });
    expect(await runsOf(account, agent)).toEqual([]);
  });
});

describe('429', () => {
  test('test calls and triggers share the organization’s slots', async () => {
    const { account, agent } = await readyToCall(server);
    for (let call = 0; call < 2; call += 1) await startCall(server, account, agent, { phone_number });
    await testCall(account, { workflow_id: agent.id, phone_number }).expect(200);
    const reply = await testCall(account, { workflow_id: agent.id, phone_number }).expect(429);
    expect(reply.body).toMatchObject({ detail: 'Concurrent call limit reached' });
    expect(await runsOf(account, agent)).toHaveLength(3);
  });

  test('a test call counts for the daily limit of its key', async () => {
    const { account, agent } = await readyToCall(server);
    const policy = { daily_calls_per_key: 1 };
    const { token } = account;
    await server.request.put(policyPath).set('Authorization', `Bearer ${token}`).send(policy).expect(200);
    await testCall(account, { workflow_id: agent.id, phone_number }).expect(200);
    await testCall(account, { workflow_id: agent.id, phone_number }).expect(429);
  });
});

test('503 while the server is stopping; nobody is called', async () => {
  const { account, agent } = await readyToCall(server);
  server.services.lifecycle.draining = true;
  try {
    const reply = await testCall(account, { workflow_id: agent.id, phone_number }).expect(503);
    expect(reply.headers['retry-after']).toBe('5');
    expect(await runsOf(account, agent)).toEqual([]);
  } finally {
    server.services.lifecycle.draining = false;
  }
});

test('as plain Dograh: no Location, no code, and the idempotency key is ignored', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const { account, agent } = await readyToCall(plain);
    const call = (body: object) =>
      plain.request
        .post(path)
        .set('X-API-Key', account.apiKey)
        .set('Idempotency-Key', 'once')
        .send({ workflow_id: agent.id, ...body });
    const replies = [await call({ phone_number }), await call({ phone_number })];
    for (const { status, headers } of replies) {
      expect(status).toBe(200);
      expect(Object.keys(headers)).not.toContain('location');
    }
    expect(replies[0]?.body).not.toEqual(replies[1]?.body);
    expect((await call({ phone_number, telephony_configuration_id: 99 }).expect(400)).body).toEqual({
      detail: 'telephony_configuration_not_found',
    });
  } finally {
    await plain.close();
  }
});
