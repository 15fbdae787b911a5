/** The public trigger routes, by status. */
import {
  createAgent,
  createSandbox,
  definitionWith,
  publish,
  readyToCall,
  saveDraft,
} from '../../support/agents';
import { startCall } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

const body = { phone_number: '+14155550100', initial_context: { user: { name: 'Jane' } } };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '3' });
});
afterAll(() => server.close());

function trigger(path: string, account: Pick<Account, 'apiKey'>, json: object | string = body) {
  return server.request
    .post(`/api/v1/public/agent/${path}`)
    .set('X-API-Key', account.apiKey)
    .set('Content-Type', 'application/json')
    .send(json);
}

function readRun(account: Account, runId: number) {
  return server.request
    .get(`/api/v1/workflow/0/runs/${String(runId)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
}

async function runCount(account: Account, agentId: number): Promise<number> {
  const page = await server.request
    .get(`/api/v1/workflow/${String(agentId)}/runs`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (page.body as { total_count: number }).total_count;
}

describe('200', () => {
  test.each([
    ['production by trigger path', (a: { triggerPath: string }) => a.triggerPath, 'WR-API-'],
    ['test by trigger path', (a: { triggerPath: string }) => `test/${a.triggerPath}`, 'WR-TEST-'],
    ['production by agent UUID', (a: { uuid: string }) => `workflow/${a.uuid}`, 'WR-API-'],
    ['test by agent UUID', (a: { uuid: string }) => `test/workflow/${a.uuid}`, 'WR-TEST-'],
  ])('%s replies with exactly three keys and the Location of the run', async (_name, path, prefix) => {
    const { account, agent } = await readyToCall(server);
    const reply = await trigger(path({ ...agent }), account).expect(200);
    const run = reply.body as { workflow_run_id: number; workflow_run_name: string };
    expect(Object.keys(run).sort()).toEqual(['status', 'workflow_run_id', 'workflow_run_name']);
    expect(reply.body).toMatchObject({ status: 'initiated' });
    expect(run.workflow_run_name).toMatch(new RegExp(`^${prefix}\\d{4}$`));
    expect(reply.headers.location).toBe(
      `/api/v1/workflow/${String(agent.id)}/runs/${String(run.workflow_run_id)}`,
    );
  });

  test('a trailing slash is accepted', async () => {
    const { account, agent } = await readyToCall(server);
    await trigger(`${agent.triggerPath}/`, account).expect(200);
  });

  test('a number with separators is stored and dialled as E.164', async () => {
    const { account, agent } = await readyToCall(server);
    const reply = await trigger(agent.triggerPath, account, { phone_number: '+1 (415) 555-0100' }).expect(
      200,
    );
    const run = await readRun(account, (reply.body as { workflow_run_id: number }).workflow_run_id);
    expect(run.body).toMatchObject({
      initial_context: { phone_number: '+14155550100', called_number: '+14155550100' },
    });
  });

  test('production runs the published agent, test the draft; after publishing both run the same version', async () => {
    const { account, agent } = await readyToCall(server);
    const definitionOf = async (path: string) => {
      const reply = await trigger(path, account).expect(200);
      const run = await readRun(account, (reply.body as { workflow_run_id: number }).workflow_run_id);
      await server.advance(1000);
      return (run.body as { definition_id: number }).definition_id;
    };
    const published = await definitionOf(agent.triggerPath);
    expect(await definitionOf(`test/${agent.triggerPath}`)).toBe(published);

    await saveDraft(server, account, agent, {
      workflow_definition: definitionWith({ triggerPath: agent.triggerPath, greeting: 'New' }),
    });
    const draft = await definitionOf(`test/${agent.triggerPath}`);
    expect(draft).not.toBe(published);
    expect(await definitionOf(agent.triggerPath)).toBe(published);

    await publish(server, account, agent);
    expect(await definitionOf(agent.triggerPath)).toBe(draft);
    expect(await definitionOf(`test/${agent.triggerPath}`)).toBe(draft);
  });

  test('the production URL works while the draft has no trigger', async () => {
    const { account, agent } = await readyToCall(server);
    await saveDraft(server, account, agent, {
      workflow_definition: definitionWith({ triggerPath: 'somewhere-else-entirely' }),
    });
    await trigger(agent.triggerPath, account).expect(200);
  });

  test('template defaults fill the context on test routes only, and the caller’s values replace them', async () => {
    const { account, agent } = await readyToCall(server);
    await saveDraft(server, account, agent, {
      template_context_variables: { city: 'Pune', user: 'default' },
    });
    await publish(server, account, agent);
    const contextOf = async (path: string) => {
      const reply = await trigger(path, account).expect(200);
      const run = await readRun(account, (reply.body as { workflow_run_id: number }).workflow_run_id);
      return (run.body as { initial_context: Record<string, unknown> }).initial_context;
    };
    const test = await contextOf(`test/${agent.triggerPath}`);
    expect(test).toMatchObject({ city: 'Pune', user: { name: 'Jane' }, trigger_mode: 'test' });
    expect(await contextOf(agent.triggerPath)).not.toHaveProperty('city');
  });

  test('reserved keys of the caller are dropped, and no other key changes the call', async () => {
    const { account, agent, configurationId } = await readyToCall(server);
    const reply = await trigger(agent.triggerPath, account, {
      phone_number: '+14155550100',
      initial_context: {
        provider: 'evil',
        runtime_configuration: {},
        mps_correlation_id: 'x',
        telephony_configuration_id: 999,
        called_number: '+19005550100',
        workflow_uuid: 'mine',
      },
    }).expect(200);
    const { initial_context: context, mode } = (
      await readRun(account, (reply.body as { workflow_run_id: number }).workflow_run_id)
    ).body as { initial_context: Record<string, unknown>; mode: string };
    expect(context).toMatchObject({
      provider: 'sandbox',
      called_number: '+14155550100',
      workflow_uuid: 'mine',
    });
    expect(context).not.toHaveProperty('runtime_configuration');
    expect(context).not.toHaveProperty('mps_correlation_id');
    expect(mode).toBe('sandbox');
    await server.advance(1000);
    const ended = await readRun(account, (reply.body as { workflow_run_id: number }).workflow_run_id);
    expect(ended.body).toMatchObject({ status: 'completed' });
    expect(configurationId).not.toBe(999);
  });

  test('ids may be strings, as on Dograh', async () => {
    const { account, agent, configurationId } = await readyToCall(server);
    await trigger(agent.triggerPath, account, {
      ...body,
      telephony_configuration_id: String(configurationId),
    }).expect(200);
  });
});

describe('400', () => {
  test('telephony is not configured', async () => {
    const account = await server.signUp();
    const agent = await createAgent(server, account);
    const reply = await trigger(agent.triggerPath, account).expect(400);
    expect(reply.body).toMatchObject({ detail: 'Telephony provider not configured for this organization' });
  });

  test('the call failed to start: the run is kept as failed and its slot is free again', async () => {
    const { account, agent } = await readyToCall(server);
    const reply = await trigger(agent.triggerPath, account, { phone_number: '+15005550001' }).expect(400);
    expect((reply.body as { detail: string }).detail).toMatch(/^Failed to initiate call: sandbox/);
    const run = await server.request
      .get(String(reply.headers.location))
      .set('X-API-Key', account.apiKey)
      .expect(200);
    expect(run.body).toMatchObject({
      is_completed: true,
      status: 'error',
      gathered_context: { call_disposition: 'error', mapped_call_disposition: 'error' },
      usage_info: { call_duration_seconds: 0 },
    });
    for (let call = 0; call < 3; call += 1) await trigger(agent.triggerPath, account).expect(200);
  });

  test('a caller ID that is not the configuration’s own', async () => {
    const { account, agent } = await readyToCall(server);
    const reply = await trigger(agent.triggerPath, account, { ...body, from_phone_number_id: 12345 }).expect(
      400,
    );
    expect(reply.body).toMatchObject({ detail: 'from_phone_number_not_found' });
  });
});

describe('401', () => {
  test('without a key, for any body', async () => {
    const { agent } = await readyToCall(server);
    const reply = await server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('Content-Type', 'application/json')
      .send('{not json')
      .expect(401);
    expect(reply.body).toMatchObject({ detail: 'Missing API key' });
  });

  test('with an unknown key', async () => {
    const { agent } = await readyToCall(server);
    const reply = await trigger(agent.triggerPath, { apiKey: `dgr_${'A'.repeat(43)}` }).expect(401);
    expect(reply.body).toMatchObject({ detail: 'Invalid API key' });
  });

  test('an archived key is refused at once', async () => {
    const { account, agent } = await readyToCall(server);
    await trigger(agent.triggerPath, account).expect(200);
    const keys = await server.request
      .get('/api/v1/user/api-keys')
      .set('X-API-Key', account.apiKey)
      .expect(200);
    const [key] = keys.body as { id: number }[];
    await server.request
      .delete(`/api/v1/user/api-keys/${String(key?.id)}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    await trigger(agent.triggerPath, account).expect(401);
  });
});

describe('403', () => {
  test('a key of another organization', async () => {
    const { agent } = await readyToCall(server);
    const stranger = await server.signUp();
    const reply = await trigger(agent.triggerPath, stranger).expect(403);
    expect(reply.body).toMatchObject({ detail: 'Access denied' });
  });
});

describe('404', () => {
  test('an unknown trigger', async () => {
    const { account } = await readyToCall(server);
    const reply = await trigger('no-such-trigger', account).expect(404);
    expect(reply.body).toMatchObject({ detail: 'Agent trigger not found' });
  });

  test('an agent UUID of another organization does not exist', async () => {
    const { agent } = await readyToCall(server);
    const stranger = await server.signUp();
    const reply = await trigger(`workflow/${agent.uuid}`, stranger).expect(404);
    expect(reply.body).toMatchObject({ detail: 'Workflow not found' });
  });

  test('an archived agent', async () => {
    const { account, agent } = await readyToCall(server);
    await server.request
      .put(`/api/v1/workflow/${String(agent.id)}/status`)
      .set('X-API-Key', account.apiKey)
      .send({ status: 'archived' })
      .expect(200);
    const reply = await trigger(agent.triggerPath, account).expect(404);
    expect(reply.body).toMatchObject({ detail: 'Workflow is not active' });
  });

  test('a trigger that exists only in the draft, on the production route', async () => {
    const { account, agent } = await readyToCall(server);
    const triggerPath = `draft-only-${String(agent.id)}`;
    await saveDraft(server, account, agent, { workflow_definition: definitionWith({ triggerPath }) });
    const reply = await trigger(triggerPath, account).expect(404);
    expect(reply.body).toMatchObject({ detail: 'Trigger not found in the selected Agent' });
    await trigger(`test/${triggerPath}`, account).expect(200);
  });

  test('a disabled trigger node', async () => {
    const { account, agent } = await readyToCall(server, definitionWith({ enabled: false }));
    const reply = await trigger(agent.triggerPath, account).expect(404);
    expect(reply.body).toMatchObject({ detail: 'Agent trigger is not active' });
  });

  test('a telephony configuration of another organization', async () => {
    const { account, agent } = await readyToCall(server);
    const other = await readyToCall(server);
    const reply = await trigger(agent.triggerPath, account, {
      ...body,
      telephony_configuration_id: other.configurationId,
    }).expect(404);
    expect(reply.body).toMatchObject({ detail: 'Telephony configuration not found' });
  });
});

describe('422', () => {
  test.each([
    ['bare digits', '4155550100'],
    ['a tel: address', 'tel:+14155550100'],
    ['a SIP address', 'sip:jane@example.com'],
    ['an endpoint of a PBX', 'PJSIP/100'],
    ['an extension', '+14155550100 ext. 5'],
    ['too few digits', '+1415'],
    ['nothing', ''],
    ['emoji', '📞'],
    ['a NUL', '+1415555\u00000100'],
  ])(
    'a phone number of %s is refused at its place, before anything is recorded',
    async (_name, phone_number) => {
      const { account, agent } = await readyToCall(server);
      const reply = await trigger(agent.triggerPath, account, { phone_number }).expect(422);
      const [item] = (reply.body as { detail: { loc: string[]; msg: string }[] }).detail;
      expect(item?.loc).toEqual(['body', 'phone_number']);
      expect(item?.msg.length).toBeGreaterThan(20);
      expect(await runCount(account, agent.id)).toBe(0);
    },
  );
});

describe('429', () => {
  test('at the limit, without recording a run; a slot is free again when a call has ended', async () => {
    const { account, agent } = await readyToCall(server);
    const replies = await Promise.all(Array.from({ length: 8 }, () => trigger(agent.triggerPath, account)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429, 429, 429, 429]);
    const refused = replies.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ detail: 'Concurrent call limit reached' });
    expect(refused?.headers['retry-after']).toBe('5');
    expect(await runCount(account, agent.id)).toBe(3);
    await server.advance(1000);
    await trigger(agent.triggerPath, account).expect(200);
  });

  test('plain Dograh sends no Retry-After', async () => {
    const plain = await startTestServer({ EXTENSIONS: '', DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
    try {
      const { account, agent } = await readyToCall(plain);
      await startCall(plain, account, agent, body);
      const path = `/api/v1/public/agent/${agent.triggerPath}`;
      const refused = await plain.request.post(path).set('X-API-Key', account.apiKey).send(body).expect(429);
      expect(refused.body).toEqual({ detail: 'Concurrent call limit reached' });
      expect(refused.headers).not.toHaveProperty('retry-after');
    } finally {
      await plain.close();
    }
  });

  test('one organization’s calls take no slot of another', async () => {
    const first = await readyToCall(server);
    const second = await readyToCall(server);
    for (let call = 0; call < 3; call += 1) await trigger(first.agent.triggerPath, first.account).expect(200);
    await trigger(second.agent.triggerPath, second.account).expect(200);
  });
});

describe('503', () => {
  test('a server that is stopping refuses new calls', async () => {
    const stopping = await startTestServer();
    try {
      const { account, agent } = await readyToCall(stopping);
      stopping.services.lifecycle.draining = true;
      const reply = await stopping.request
        .post(`/api/v1/public/agent/${agent.triggerPath}`)
        .set('X-API-Key', account.apiKey)
        .send(body)
        .expect(503);
      expect(reply.headers['retry-after']).toBe('5');
      expect((reply.body as { detail: string }).detail).toContain('no call was placed');
    } finally {
      await stopping.close();
    }
  });
});

test('no phone number, context value or key is in the log', async () => {
  const { account, agent } = await readyToCall(server);
  await trigger(agent.triggerPath, account, {
    phone_number: '+14155550142',
    initial_context: { secret: 'xyzzy' },
  }).expect(200);
  await trigger(agent.triggerPath, account, { phone_number: '+15005550001' }).expect(400);
  const log = server.logLines.join('');
  expect(log).toContain('/public/agent/{uuid}');
  for (const secret of ['4155550142', '5005550001', 'xyzzy', account.apiKey, agent.triggerPath]) {
    expect(log).not.toContain(secret);
  }
});

test('an organization’s two sandboxes are distinguished by id', async () => {
  const { account, agent, configurationId } = await readyToCall(server);
  const second = await server.request
    .post('/api/v1/organizations/telephony-configs')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Second', config: { provider: 'sandbox' } })
    .expect(200);
  const id = (second.body as { id: number }).id;
  const reply = await trigger(agent.triggerPath, account, { ...body, telephony_configuration_id: id }).expect(
    200,
  );
  const run = await readRun(account, (reply.body as { workflow_run_id: number }).workflow_run_id);
  expect(run.body).toMatchObject({ initial_context: { telephony_configuration_id: id } });
  expect(id).not.toBe(configurationId);
  await expect(createSandbox(server, account)).rejects.toThrow('409');
});
