/** The greeting is checked before the dial: an empty one is refused, and unfilled variables are reported. */
import type { AgentDefinition, UpdateAgentRequest } from '@dograh-trigger/shared';
import { createAgent, createSandbox, definitionWith, saveDraft, type TestAgent } from '../../support/agents';
import { countRuns, readRun } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { deliverDue, receiversAllowed, startReceiver } from '../../support/webhooks';

let server: TestServer;
let account: Account;
afterEach(() => server.close());

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer({ ...receiversAllowed, ...environment });
  account = await server.signUp();
  await createSandbox(server, account);
}

function trigger(agent: TestAgent, body: object = {}, route = '') {
  return server.request
    .post(`/api/v1/public/agent/${route}${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100', ...body });
}

function saying(
  greeting: string,
  configurations?: UpdateAgentRequest['workflow_configurations'],
): Promise<TestAgent> {
  return createAgent(server, account, definitionWith({ greeting }), configurations);
}

async function runOf(reply: { body: unknown }) {
  return readRun(server, account, (reply.body as { workflow_run_id: number }).workflow_run_id);
}

function post(agent: TestAgent, action: 'validate' | 'publish') {
  return server.request
    .post(`/api/v1/workflow/${String(agent.id)}/${action}`)
    .set('X-API-Key', account.apiKey);
}

describe('unfilled variables', () => {
  test('are listed on the run and in its event, each once, without those that have a fallback or a value', async () => {
    await start();
    const receiver = await startReceiver();
    const agent = await saying(
      'Hi {{initial_context.user.nmae}}, {{user.nmae}}, {{user.name}}, {{title | friend}}, {{current_time}}',
    );
    const reply = await trigger(agent, {
      initial_context: { user: { name: 'Jane' } },
      callback_url: receiver.url,
    }).expect(200);
    expect(await runOf(reply)).toMatchObject({ unresolved_variables: ['user.nmae'] });
    await server.advance(60_000);
    await deliverDue(server);
    expect(JSON.parse(receiver.requests[0]?.body.toString('utf8') ?? '')).toMatchObject({
      data: { unresolved_variables: ['user.nmae'] },
    });
    await receiver.close();
  });

  test('do not include those that the server fills', async () => {
    await start();
    const agent = await saying(
      'To {{called_number}}, {{phone_number}}, by {{direction}}: run {{workflow_run_id}}',
    );
    expect(await runOf(await trigger(agent).expect(200))).toMatchObject({ unresolved_variables: [] });
  });

  test('include those that are empty or null, but not 0 or false', async () => {
    await start();
    const agent = await saying('{{a}} {{b}} {{c}} {{d}}');
    const reply = await trigger(agent, { initial_context: { a: '', b: null, c: 0, d: false } }).expect(200);
    expect(await runOf(reply)).toMatchObject({ unresolved_variables: ['a', 'b'] });
  });

  test('are those of the caller’s own greeting, if the request has one', async () => {
    await start();
    const agent = await saying('Hi {{missing}}');
    const override = { type: 'text', text: 'Hello {{other}}' };
    const reply = await trigger(agent, { initial_context: { greeting_override: override } }).expect(200);
    expect(await runOf(reply)).toMatchObject({ unresolved_variables: ['other'] });
  });

  test('of a test call are those of the draft, with its default values', async () => {
    await start();
    const agent = await saying('Hi');
    await saveDraft(server, account, agent, {
      workflow_definition: definitionWith({ greeting: 'Hi {{a}} {{b}}', triggerPath: agent.triggerPath }),
      template_context_variables: { a: 'default' },
    });
    expect(await runOf(await trigger(agent, {}, 'test/').expect(200))).toMatchObject({
      unresolved_variables: ['b'],
    });
    expect(await runOf(await trigger(agent).expect(200))).toMatchObject({ unresolved_variables: [] });
  });

  test('include those for which the server has no value, and those with a blank text, an empty object or list', async () => {
    await start();
    // The sandbox has no phone number, so there is no caller_number.
    const agent = await saying(
      '{{caller_number}} {{campaign_id}} {{blank}} {{object}} {{list}} {{zero}} {{called_number}} {{workflow_run_id}}',
    );
    const reply = await trigger(agent, {
      initial_context: { blank: ' ', object: {}, list: [], zero: 0 },
    }).expect(200);
    expect(await runOf(reply)).toMatchObject({
      unresolved_variables: ['caller_number', 'campaign_id', 'blank', 'object', 'list'],
    });
  });

  test('are found in an agent that was saved by a version that did not store them', async () => {
    await start();
    const agent = await saying('Hi {{missing}}');
    await server.services.storage.write((session) =>
      session.run(session.builder.updateTable('definitions').set({ needed_variables: null }).compile()),
    );
    expect(await runOf(await trigger(agent).expect(200))).toMatchObject({
      unresolved_variables: ['missing'],
    });
  });
});

describe('strict_variables refuses the call with 422 before the dial, and names the variables', () => {
  const names = { loc: ['body', 'initial_context'], ctx: { variables: ['user.nmae'] } };

  const strictAgent = () => saying('Hi {{user.nmae}}', { strict_variables: true });

  test('if the request sets it', async () => {
    await start();
    const agent = await saying('Hi {{user.nmae}}');
    const reply = await trigger(agent, { strict_variables: true }).expect(422);
    expect(reply.body).toMatchObject({ code: 'unresolved_variables', detail: [names] });
    expect(await countRuns(server, account)).toBe(0);
    await trigger(agent, { strict_variables: true, initial_context: { user: { nmae: 'Jane' } } }).expect(200);
  });

  test('if the agent sets it; a request can override it', async () => {
    await start();
    const agent = await strictAgent();
    const reply = await trigger(agent).expect(422);
    expect(reply.body).toMatchObject({ code: 'unresolved_variables', detail: [names] });
    await trigger(agent, { strict_variables: false }).expect(200);
  });

  test('but not on plain Dograh', async () => {
    await start({ EXTENSIONS: '' });
    const agent = await strictAgent();
    await trigger(agent, { strict_variables: true }).expect(200);
  });
});

describe('a call that would say nothing', () => {
  const withoutGreeting: AgentDefinition = {
    nodes: definitionWith().nodes.map((node) =>
      node.type === 'startCall' ? { ...node, data: { name: 'Start', prompt: 'Be brief.' } } : node,
    ),
    edges: [],
  };

  test.each<[string, () => AgentDefinition, object]>([
    ['an agent without a greeting', () => withoutGreeting, {}],
    ['an empty greeting', () => definitionWith({ greeting: ' ' }), {}],
    ['a greeting that is empty once rendered', () => definitionWith({ greeting: '{{missing}}' }), {}],
    [
      'an empty override',
      () => definitionWith(),
      { initial_context: { greeting_override: { type: 'text', text: ' ' } } },
    ],
  ])('is refused with 400 before the dial, without Retry-After: %s', async (_title, definition, body) => {
    await start();
    const agent = await createAgent(server, account, definition());
    const reply = await trigger(agent, body).expect(400);
    expect(reply.body).toMatchObject({ code: 'nothing_to_say' });
    expect(reply.headers).not.toHaveProperty('retry-after');
    expect(reply.headers).not.toHaveProperty('location');
  });

  test('is placed if the caller sends a greeting, or if a media stream speaks', async () => {
    await start();
    const agent = await createAgent(server, account, withoutGreeting);
    const override = { type: 'text', text: 'Hello' };
    await trigger(agent, { initial_context: { greeting_override: override } }).expect(200);
    await saveDraft(server, account, agent, {
      workflow_configurations: { answer: 'stream', stream_url: 'wss://voice.example.com/media' },
    });
    await trigger(agent, {}, 'test/').expect(200);
  });

  test('is placed on plain Dograh', async () => {
    await start({ EXTENSIONS: '' });
    await trigger(await createAgent(server, account, withoutGreeting)).expect(200);
  });

  test('is a warning of validate and publish, not an error', async () => {
    await start();
    const agent = await createAgent(server, account, withoutGreeting);
    const warnings = [{ kind: 'node', id: 'start', field: 'data.greeting' }];
    expect((await post(agent, 'validate').expect(200)).body).toMatchObject({
      is_valid: true,
      errors: [],
      warnings,
    });
    await saveDraft(server, account, agent, { template_context_variables: { a: 'b' } });
    expect((await post(agent, 'publish').expect(200)).body).toMatchObject({ status: 'published', warnings });
  });
});

test('validate warns of variables that only the caller can fill, and of those that are filled on test calls only', async () => {
  await start();
  const agent = await saying(
    'Hi {{user.nmae}}, {{title}}, {{name | there}}, {{caller_number}}, {{current_time}}',
  );
  await saveDraft(server, account, agent, { template_context_variables: { title: 'Dr' } });
  const { warnings } = (await post(agent, 'validate').expect(200)).body as {
    warnings: { message: string }[];
  };
  expect(warnings.map(({ message }) => message.split('. ')[0])).toEqual([
    'The variable user.nmae has no fallback, and only the caller can fill it',
    'The variable title is filled by template_context_variables on test calls alone',
  ]);
});

test('plain Dograh has no warnings', async () => {
  await start({ EXTENSIONS: '' });
  const agent = await saying('Hi {{user.nmae}}');
  expect((await post(agent, 'validate').expect(200)).body).toEqual({ is_valid: true, errors: [] });
});

describe('a greeting that is too long', () => {
  const long = 'x'.repeat(20_001);
  const overfull = '{{current_time}}'.repeat(1001);
  const override = (text: string) => ({ initial_context: { greeting_override: { type: 'text', text } } });

  test.each([
    ['with extensions', {}],
    ['as plain Dograh', { EXTENSIONS: '' }],
  ])('is refused before the dial, from the agent and from the caller, %s', async (_name, environment) => {
    await start(environment);
    const own = [await saying(long), await saying(overfull)];
    const short = await saying('Hello.');
    const refused = [
      ...(await Promise.all(own.map((agent) => trigger(agent).expect(422)))),
      await trigger(short, override(long)).expect(422),
      await trigger(short, override(overfull)).expect(422),
    ];
    for (const { text } of refused) expect(text).toContain('20000 characters and 1000 places');
    expect(await countRuns(server, account)).toBe(0);
    for (const agent of own) await trigger(agent, override('Hi.')).expect(200);
    await trigger(short, override(long.slice(1))).expect(200);
  });

  test('is refused with its own code, and with the path of an override', async () => {
    await start();
    const agents = [await saying('Hello.'), await saying(long)] as const;
    expect((await trigger(agents[0], override(long))).body).toMatchObject({
      code: 'greeting_too_long',
      detail: [{ loc: ['body', 'initial_context', 'greeting_override', 'text'] }],
    });
    expect((await trigger(agents[1])).body).toMatchObject({ code: 'greeting_too_long' });
  });

  test('is kept in a draft, which cannot be published', async () => {
    await start();
    const agent = await saying('Hello.');
    await saveDraft(server, account, agent, {
      workflow_definition: definitionWith({ ...agent, greeting: long }),
    });
    await post(agent, 'publish').expect(422);
    await trigger(agent, {}, 'test/').expect(422);
    await trigger(agent).expect(200);
  });
});
