/**
 * Start Call: its request and its output.
 *
 * Longer than 400 lines because every field of the step is tested against the same server.
 */
import { routingHeaders, callMarker, type CallRouting } from '@dograh-trigger/shared';
import { startCall as definition, startCallStep } from '../../zapier-app/src/creates/start-call';
import { breakConnection, replyList, startStandIn } from '../support/dograh-stand-in';
import { replyJson, startLocalServer, type LocalServer, type ReceivedRequest } from '../support/local-server';
import { apiKey, failureOf, makeBundle, runStep } from '../support/zapier';
import type { ServerResponse } from 'node:http';

const agentUuid = '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0';
const triggerUuid = '6f1c3a52-8a52-4f4e-9d0e-2b8c7d1e5f90';
const input = { agent: `workflow/${agentUuid}`, environment: 'production', phone_number: '+14155550100' };
const placed = { status: 'initiated', workflow_run_id: 501, workflow_run_name: 'WR-API-7823' };

const agents = [
  { id: 7, name: 'Reminder', status: 'active', created_at: '2026-08-22T03:04:05Z', workflow_uuid: agentUuid },
];

let server: LocalServer;
/** Answers the list of agents, which is read for the name of the agent. */
let answerAgents: (response: ServerResponse) => void;
/** Answers requests that dial. `/health` and the empty list of calls are answered as by plain Dograh. */
let answerDial: (response: ServerResponse, request: ReceivedRequest) => void;

beforeEach(async () => {
  answerAgents = (response) => {
    replyJson(response, 200, agents);
  };
  answerDial = (response) => {
    replyJson(response, 200, placed);
  };
  server = await startLocalServer((request, response) => {
    if (request.url === '/api/v1/health') replyJson(response, 200, { status: 'ok', version: '1.45.0' });
    else if (request.url === '/api/v1/workflow/fetch?status=active') answerAgents(response);
    else if (request.url.startsWith('/api/v1/organizations/usage/runs?')) replyList(response, []);
    else answerDial(response, request);
  });
});

afterEach(async () => {
  await server.close();
});

type Input = Record<string, unknown>;

function startCall(changes: Input = {}) {
  return runStep(startCallStep, makeBundle(server.url, { ...input, ...changes }));
}

function dials(): ReceivedRequest[] {
  return server.requests.filter(({ method }) => method === 'POST');
}

/** The body of the only dial. */
function sentBody(): unknown {
  expect(dials()).toHaveLength(1);
  return JSON.parse(dials()[0]?.body.toString('utf8') ?? '');
}

test('a call is sent as JSON with the key, and returns the run', async () => {
  expect(await startCall()).toEqual({
    id: 501,
    name: 'WR-API-7823',
    agent: `workflow/${agentUuid}`,
    agent_id: 7,
    agent_name: 'Reminder',
    environment: 'production',
    phone_number: '+14155550100',
    status: 'initiated',
    mode: null,
    is_sandbox: null,
    fallback_from_name: null,
    fallback_reason: null,
  });
  expect(dials()).toMatchObject([
    {
      url: `/api/v1/public/agent/workflow/${agentUuid}`,
      headers: {
        'x-api-key': apiKey,
        'content-type': 'application/json',
        'user-agent': 'dograh-zapier-app/0.1.0',
      },
    },
  ]);
  expect(sentBody()).toEqual({
    phone_number: '+14155550100',
    initial_context: { [callMarker]: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
  });
});

test('the output for a trigger path has neither the agent’s ID nor its name', async () => {
  expect(await startCall({ agent: triggerUuid })).toMatchObject({
    agent: triggerUuid,
    agent_id: null,
    agent_name: null,
  });
});

test('the output for a trigger path has both, if the server sends the agent’s ID', async () => {
  answerDial = (response) => {
    replyJson(response, 200, placed, { location: '/api/v1/workflow/7/runs/501' });
  };
  expect(await startCall({ agent: triggerUuid })).toMatchObject({
    agent: `workflow/${agentUuid}`,
    agent_id: 7,
    agent_name: 'Reminder',
  });
});

test.each([
  ['its number', '7'],
  ['its number, mapped as a number', 7],
  ['its UUID', agentUuid],
])('an agent selected by %s is called by its UUID', async (_, agent) => {
  expect(await startCall({ agent })).toMatchObject({ agent: `workflow/${agentUuid}`, agent_id: 7 });
  expect(dials().map(({ url }) => url)).toEqual([`/api/v1/public/agent/workflow/${agentUuid}`]);
});

test('an unknown agent number is refused, and not used as a trigger path', async () => {
  expect(await failureOf(startCall({ agent: 8 }))).toEqual({
    name: 'HaltedError',
    message: 'Agent: there is no active agent with the number 8',
  });
  expect(dials()).toEqual([]);
});

test('every way to select the agent is the same call', async () => {
  for (const agent of [`workflow/${agentUuid}`, agentUuid, 7]) await startCall({ agent });
  const keys = dials().map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([keys[0], keys[0], keys[0]]);
});

test.each([401, 404, 500])(
  'a list of agents that answers %i does not fail a call that was placed',
  async (status) => {
    answerAgents = (response) => {
      replyJson(response, status, { detail: 'no' });
    };
    expect(await startCall()).toMatchObject({ id: 501, agent_id: null, agent_name: null });
  },
);

test('a list of agents that does not answer delays a placed call by at most 5 seconds', async () => {
  answerAgents = () => undefined;
  expect(await startCall()).toMatchObject({ id: 501, agent_id: null, agent_name: null });
  // Without that limit the step would wait 25 seconds, and this test would time out.
}, 15_000);

test('a greeting replaces the agent’s own for this call', async () => {
  await startCall({ greeting: ' Hello {{name}} ' });
  expect(sentBody()).toMatchObject({
    initial_context: { greeting_override: { type: 'text', text: 'Hello {{name}}' } },
  });
});

test('the agent’s id is taken from the server’s reply', async () => {
  answerDial = (response) => {
    replyJson(response, 200, placed, { location: '/api/v1/workflow/9/runs/501' });
  };
  expect(await startCall()).toMatchObject({ agent_id: 9 });
});

test('the sample has the same keys as a real result, with values of the same types', async () => {
  answerDial = (response) => {
    replyJson(response, 200, placed, {
      location: '/api/v1/workflow/7/runs/501',
      ...routingHeaders({ mode: 'twilio', fallbackFrom: { name: 'Office PBX', reason: 'It is away' } }),
    });
  };
  expect(typesOf(await startCall())).toEqual(typesOf(definition.operation.sample ?? {}));
});

function typesOf(record: object) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, typeof value]));
}

test.each([
  ['a chosen agent, production', `workflow/${agentUuid}`, 'production', `/workflow/${agentUuid}`],
  ['a chosen agent, test', `workflow/${agentUuid}`, 'test', `/test/workflow/${agentUuid}`],
  ['a mapped trigger path', triggerUuid, 'production', `/${triggerUuid}`],
  ['a mapped trigger path, test', triggerUuid, 'test', `/test/${triggerUuid}`],
  [
    'a pasted trigger URL',
    `https://api.dograh.com/api/v1/public/agent/${triggerUuid}`,
    'production',
    `/${triggerUuid}`,
  ],
  [
    'a pasted test URL',
    `https://api.dograh.com/api/v1/public/agent/test/${triggerUuid}`,
    'test',
    `/test/${triggerUuid}`,
  ],
])('%s is called by the matching route', async (_, agent, environment, route) => {
  await startCall({ agent, environment });
  expect(dials().map(({ url }) => url)).toEqual([`/api/v1/public/agent${route}`]);
});

test.each([
  ['no agent', { agent: '' }, 'Agent: choose an agent, or enter its trigger URL'],
  ['something that is no agent', { agent: 'https://example.com/' }, 'Agent: choose an agent'],
  [
    'a test URL with Production',
    { agent: `https://api.dograh.com/api/v1/public/agent/test/${triggerUuid}` },
    'Agent: this is the test URL, but Environment is set to production',
  ],
  ['an unknown environment', { environment: 'staging' }, 'Environment: choose Production or Test'],
  [
    'a number without its country',
    { phone_number: '4155550100' },
    'Phone Number: The phone number must begin',
  ],
  [
    'a number cut by a spreadsheet',
    { phone_number: '1.41556E+10' },
    'Phone Number: A spreadsheet has shortened',
  ],
  [
    'several numbers in one text',
    { phone_number: '+14155550100, +14155550101' },
    'Phone Number: these are 2 numbers, and a step calls one; put Looping by Zapier before it',
  ],
  [
    'several numbers as line items',
    { phone_number: ['+14155550100', '+14155550101', '+14155550102'] },
    'Phone Number: these are 3 numbers, and a step calls one; put Looping by Zapier before it',
  ],
  [
    'a country that is none',
    { phone_number: '4155550100', default_country: 'America' },
    'Default Country: choose one from the list',
  ],
  [
    'JSON with a line break',
    { initial_context_json: '{"a": "b\nc"}' },
    'Variables as JSON: a text in this JSON has a line break',
  ],
  ['no number', { phone_number: null }, 'Phone Number: The phone number is empty'],
  [
    'a name that is the beginning of another',
    { initial_context: { user: 'Jane', 'user.name': 'Jane' } },
    'Additional Variables: the name user.name comes twice',
  ],
  ['a list of variables', { initial_context_json: [1] }, 'Variables as JSON: enter one object'],
  ['variables that are no JSON', { initial_context_json: '{a: 1}' }, 'Variables as JSON: this is not JSON'],
  [
    'an id that is none',
    { telephony_configuration_id: 'main' },
    'Telephony Configuration: choose one from the list',
  ],
  ['an id of zero', { from_phone_number_id: 0 }, 'Caller ID: choose one from the list'],
])('%s halts the step without a request, and says what to enter', async (_, changes, message) => {
  const failure = await failureOf(startCall(changes));
  expect(failure).toEqual({ name: 'HaltedError', message: expect.stringContaining(message) as string });
  expect(server.requests).toEqual([]);
});

test('an error quotes neither the phone number nor the variables', async () => {
  const number = await failureOf(startCall({ phone_number: '4155550199' }));
  const variables = await failureOf(startCall({ initial_context_json: '{diagnosis: secret}' }));
  expect(number.message).not.toContain('4155550199');
  expect(variables.message).not.toContain('secret');
});

test.each<[string, CallRouting, object]>([
  ['no phone rang', { mode: 'sandbox', fallbackFrom: null }, { mode: 'sandbox', is_sandbox: true }],
  [
    'another account placed it, and why',
    { mode: 'twilio', fallbackFrom: { name: 'Office PBX', reason: 'It cannot be reached' } },
    {
      mode: 'twilio',
      is_sandbox: false,
      fallback_from_name: 'Office PBX',
      fallback_reason: 'It cannot be reached',
    },
  ],
])('the output has what the server reports of a placed call: %s', async (_, said, shown) => {
  answerDial = (response) => {
    replyJson(response, 200, placed, routingHeaders(said));
  };
  expect(await startCall()).toMatchObject(shown);
});

test.each<[unknown, string, Input?]>([
  ['+1 (415) 555-0100', '+14155550100'],
  ['0014155550100', '+14155550100'],
  [' "+14155550100" ', '+14155550100'],
  [['+14155550100'], '+14155550100'],
  [14155550100, '+14155550100', { default_country: 'US' }],
  ['(415) 555-0100', '+14155550100', { default_country: 'us' }],
  ['+44 20 7946 0958', '+442079460958', { default_country: 'US' }],
])('the phone number %j is dialled as E.164', async (phoneNumber, e164, changes = {}) => {
  await startCall({ phone_number: phoneNumber, ...changes });
  expect(sentBody()).toMatchObject({ phone_number: e164 });
});

test('variables keep their text; a name in both fields takes the JSON value', async () => {
  await startCall({
    initial_context: { code: '00123', name: 'Jane', empty: '' },
    initial_context_json: { name: { first: 'Zoë' }, age: 41, none: null },
  });
  expect(sentBody()).toMatchObject({
    initial_context: { code: '00123', name: { first: 'Zoë' }, empty: '', age: 41, none: null },
  });
});

test('a dotted name in the additional variables is a path, as in a prompt', async () => {
  await startCall({
    greeting: 'Hello {{user.name}}, this is about {{order.id}}.',
    initial_context: { 'user.name': 'Jane', 'order.id': '7', 'No.': '12' },
    initial_context_json: { user: { city: 'Bern' } },
  });
  expect(sentBody()).toMatchObject({
    initial_context: { user: { name: 'Jane', city: 'Bern' }, order: { id: '7' }, 'No.': '12' },
  });
});

test('JSON that was mapped as text is parsed', async () => {
  await startCall({ initial_context_json: '{"user": {"name": "Jane"}}' });
  expect(sentBody()).toMatchObject({ initial_context: { user: { name: 'Jane' } } });
});

test('double braces in a variable are sent unchanged', async () => {
  const text = 'Hi {{name}}, {{bundle.inputData.x}} and {{process.env.Y}}';
  await startCall({ initial_context: { text }, initial_context_json: { nested: { text } } });
  expect(sentBody()).toMatchObject({ initial_context: { text, nested: { text } } });
});

test('ids are sent as numbers, whether they were chosen or mapped as text', async () => {
  await startCall({ telephony_configuration_id: 4, from_phone_number_id: '9' });
  expect(sentBody()).toMatchObject({ telephony_configuration_id: 4, from_phone_number_id: 9 });
});

test.each([undefined, null, ''])('optional fields that are %j are left out', async (empty) => {
  await startCall({
    initial_context: empty,
    initial_context_json: empty,
    telephony_configuration_id: empty,
    from_phone_number_id: empty,
    call_reference: empty,
    greeting: empty,
    variablename: empty,
  });
  const initialContext = { [callMarker]: expect.any(String) as string };
  expect(sentBody()).toEqual({ phone_number: '+14155550100', initial_context: initialContext });
});

describe('a step that fails', () => {
  test.each([
    [400, 'Telephony provider not configured for this organization', 'AppError'],
    [400, 'Failed to initiate call: 400: {"code": 21211}', 'HaltedError'],
    [400, "'Main' is not ready for outbound calls. Outbound calls need a number to dial from.", 'AppError'],
    [400, 'Anything that is not known', 'HaltedError'],
    [501, 'The carrier cannot answer a call of this agent', 'AppError'],
    [401, 'Invalid API key', 'ExpiredAuthError'],
    [402, 'Dograh credits exhausted', 'HaltedError'],
    [403, 'Access denied', 'AppError'],
    [404, 'Agent trigger not found', 'AppError'],
    [409, 'Workflow has no execution owner', 'AppError'],
    [422, [{ type: 'missing', loc: ['header', 'X-API-Key'], msg: 'Field required' }], 'ExpiredAuthError'],
    [422, [{ type: 'invalid', loc: ['body', 'phone_number'], msg: 'Not a number' }], 'HaltedError'],
    [429, 'Concurrent call limit reached', 'ThrottledError'],
    [500, 'Internal Server Error', 'HaltedError'],
    [502, 'Bad Gateway', 'HaltedError'],
    [504, 'The carrier did not answer in time; the call may have been placed', 'HaltedError'],
  ])('after a %i with %j is an %3$s, and has dialled once', async (status, detail, name) => {
    answerDial = (response) => {
      replyJson(response, status, { detail });
    };
    expect((await failureOf(startCall())).name).toBe(name);
    expect(dials()).toHaveLength(1);
  });

  test('for lack of a free slot is retried by Zapier after the server’s Retry-After', async () => {
    answerDial = (response) => {
      replyJson(response, 429, { detail: 'Concurrent call limit reached' }, { 'retry-after': '90' });
    };
    const { name, message, delay } = await failureOf(startCall());
    expect({ name, message }).toEqual({
      name: 'ThrottledError',
      message: expect.stringMatching(/^Concurrent call limit reached\. This call was not placed/) as string,
    });
    expect(delay).toBeGreaterThanOrEqual(90);
  });

  test.each([
    [400, { detail: 'Failed to initiate call: no connection', code: 'carrier_unreachable' }],
    [503, { detail: 'The server is stopping.', code: 'draining' }],
  ])('with a %i with Retry-After is retried by Zapier: %j', async (status, problem) => {
    answerDial = (response) => {
      replyJson(response, status, problem, { 'retry-after': '40' });
    };
    const { name, message, delay } = await failureOf(startCall());
    expect(name).toBe('ThrottledError');
    expect(message).toContain('This call was not placed: try again in 40 seconds.');
    expect(delay).toBeGreaterThanOrEqual(40);
    expect(dials()).toHaveLength(1);
  });

  test('because the bundled server’s carrier refused halts, since another number may be accepted', async () => {
    answerDial = (response) => {
      replyJson(response, 400, { detail: 'Failed to initiate call: no such number', code: 'call_refused' });
    };
    expect((await failureOf(startCall())).name).toBe('HaltedError');
  });

  test('because the connection broke after the dial halts, says that the call may have been placed, and does not dial again', async () => {
    answerDial = (response) => {
      response.destroy();
    };
    const failure = await failureOf(startCall());
    expect(failure.name).toBe('HaltedError');
    expect(failure.message).toMatch(
      /^The server did not answer: the connection failed \(ECONNRESET\)\. The call may have been placed: look at the agent’s calls before calling again\. \(POST http:\/\/\S+: the connection failed \(ECONNRESET\)\.\)$/,
    );
    expect(dials()).toHaveLength(1);
  });

  test('because the answer was lost does not dial again, even if the server keeps keys', async () => {
    const keeping = await startStandIn({ extensions: ['idempotency-key'], trigger: breakConnection });
    const failure = await failureOf(runStep(startCallStep, makeBundle(keeping.url, input)));
    await keeping.close();
    expect(failure.name).toBe('HaltedError');
    expect(keeping.dials().map(({ headers }) => headers['idempotency-key'])).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
  });

  test('because the answer cannot be read halts, since the call was probably placed', async () => {
    answerDial = (response) => {
      response.end('<html>');
    };
    expect(await failureOf(startCall())).toMatchObject({
      name: 'HaltedError',
      message: expect.stringContaining('The call may have been placed') as string,
    });
  });

  test('contains neither the number nor the variables, which Zapier would append', async () => {
    answerDial = (response) => {
      replyJson(response, 500, { detail: 'boom' });
    };
    const { message } = await failureOf(startCall({ initial_context: { diagnosis: 'secret' } }));
    expect(message).not.toMatch(/4155550100|secret|What happened:/);
  });
});

test('an unreachable server is an error that Zapier may replay, since nothing was dialled', async () => {
  const away = await startLocalServer(() => undefined);
  await away.close();
  const bundle = makeBundle(away.url, input, { isLoadingSample: true });
  expect(await failureOf(runStep(startCallStep, bundle))).toMatchObject({
    name: 'AppError',
    code: 'unreachable',
    message: expect.stringContaining('This call was not placed.') as string,
  });
});
