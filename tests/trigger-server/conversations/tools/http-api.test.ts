/** HTTP API tools in the middle of a conversation: what is sent, and what the model is shown of the reply. */
import type { JsonObject, Tool } from '@dograh-trigger/shared';
import type { HttpApiTool } from '../../../../trigger-server/src/conversations/engine/tools';
import { readNodeTools, toolRunner } from '../../../../trigger-server/src/conversations/tools/node-tools';
import { freeTcpPort } from '../../../support/free-port';
import { startLocalServer, type LocalServer } from '../../../support/local-server';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { receiversAllowed } from '../../../support/webhooks';

let server: TestServer;
let account: Account;
let endpoint: LocalServer;
/** What the endpoint answers; null: nothing. */
let answer: { status: number; body: string } | null;

beforeAll(async () => {
  server = await startTestServer(receiversAllowed);
  account = await server.signUp();
  endpoint = await startLocalServer((_request, response) => {
    if (answer !== null) response.writeHead(answer.status).end(answer.body);
  });
});
beforeEach(() => {
  answer = { status: 200, body: '{"plan":"gold"}' };
  endpoint.requests.length = 0;
});
afterAll(async () => {
  await endpoint.close();
  await server.close();
});

async function make(config: object, name = 'Look up Plan'): Promise<Tool> {
  const definition = {
    schema_version: 1,
    type: 'http_api',
    config: { method: 'POST', url: endpoint.url, ...config },
  };
  const reply = await server.request
    .post('/api/v1/tools/')
    .set('X-API-Key', account.apiKey)
    .send({ name, definition })
    .expect(200);
  return reply.body as Tool;
}

async function offered(uuids: string[]) {
  return readNodeTools(server.services.storage.read, account.organizationId, uuids);
}

/** Runs a tool as a turn of a conversation does. */
async function run(
  config: object,
  args: JsonObject = {},
  { initial = {}, gathered = {} }: { initial?: JsonObject; gathered?: JsonObject } = {},
): Promise<JsonObject> {
  const [tool] = await offered([(await make(config)).tool_uuid]);
  const runner = toolRunner(server.services, account.organizationId);
  return runner.run(tool as HttpApiTool, args, { initial, gathered }, '17-3-0');
}

const sent = () => JSON.parse(endpoint.requests[0]!.body.toString()) as unknown;
const text = (name: string, required = true) => ({ name, type: 'string', description: name, required });
const preset = (name: string, type: string, value_template: string, required = true) => ({
  name,
  type,
  value_template,
  required,
});

test('R8: presets are filled in from the call, each in its type', async () => {
  const preset_parameters = [
    preset('phone', 'string', '{{initial_context.phone_number}}'),
    preset('n', 'number', '{{count}}'),
    preset('b', 'boolean', 'YES'),
    preset('o', 'object', '{{user}}'),
    preset('none', 'string', '{{nobody}}', false),
  ];
  const initial = { phone_number: '+15550100', count: '2', user: { a: 1 } };
  await run({ preset_parameters }, {}, { initial, gathered: { count: '3' } });
  expect(sent()).toEqual({ phone: '+15550100', n: 3, b: true, o: { a: 1 } });
});

test('R8: a required preset without a value is an error, and nothing is sent', async () => {
  expect(await run({ preset_parameters: [preset('x', 'string', '{{nobody}}')] })).toEqual({
    status: 'error',
    error: "Preset parameter 'x' resolved to an empty value",
  });
  expect(endpoint.requests).toEqual([]);
});

test('the model fills the parameters alone: what is preset stands, names that the tool does not declare are dropped', async () => {
  const config = { parameters: [text('day')], preset_parameters: [preset('place', 'string', 'here')] };
  await run(config, { day: 'tomorrow', place: 'elsewhere', admin: true });
  expect(sent()).toEqual({ day: 'tomorrow', place: 'here' });
});

test.each<[string, string, unknown, unknown]>([
  ['a number as text', 'number', '5.5', 5.5],
  ['a text as number', 'string', 5, '5'],
  ['a boolean as text', 'boolean', 'no', false],
  ['an object as text', 'object', '{"a":1}', { a: 1 }],
  ['a list', 'array', [1], [1]],
])('%s takes the declared type %s', async (_, type, given, expected) => {
  await run({ parameters: [{ name: 'x', type, description: 'x' }] }, { x: given } as JsonObject);
  expect(sent()).toEqual({ x: expected });
});

test.each<[string, JsonObject, string]>([
  ['missing', {}, "The argument 'n' is missing"],
  ['no number', { n: 'many' }, "The argument 'n' is not of the type number"],
])('an argument that is %s is an error for the model, and nothing is sent', async (_, args, error) => {
  const parameters = [{ name: 'n', type: 'number', description: 'n' }];
  expect(await run({ parameters }, args)).toEqual({ status: 'error', error });
  expect(endpoint.requests).toEqual([]);
});

test('the request has its method, headers, credential and the key of the call, and no other', async () => {
  const credential = await server.request
    .post('/api/v1/credentials/')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'CRM', credential_type: 'bearer_token', credential_data: { token: 's3cret' } })
    .expect(200);
  const { uuid } = credential.body as { uuid: string };
  await run({ method: 'put', headers: { 'X-Team': 'sales' }, credential_uuid: uuid });
  const [{ method, headers } = { method: '', headers: {} }] = endpoint.requests;
  expect({ method, headers }).toMatchObject({
    method: 'PUT',
    headers: {
      'x-team': 'sales',
      authorization: 'Bearer s3cret',
      'content-type': 'application/json',
      'idempotency-key': '17-3-0',
    },
  });
});

test('GET sends arguments as query, objects as JSON, and no body', async () => {
  const parameters = [text('q'), { name: 'o', type: 'object', description: 'o' }];
  await run({ method: 'GET', url: `${endpoint.url}/find?a=1`, parameters }, { q: 'a b&c', o: { x: 1 } });
  const [request] = endpoint.requests;
  expect(new URL(request!.url, endpoint.url).searchParams.toString()).toBe(
    'a=1&q=a+b%26c&o=%7B%22x%22%3A1%7D',
  );
  expect(request!.body).toHaveLength(0);
});

test('a body template keeps types; the address sees the model’s values over those of the call', async () => {
  const config = {
    url: `${endpoint.url}/people/{{id}}`,
    parameters: [text('id')],
    body_template: { n: '{{count}}', text: 'for {{initial_context.id}}' },
  };
  await run(
    config,
    { id: 'from the model' },
    { initial: { id: 'first', count: 3 }, gathered: { id: 'later' } },
  );
  expect(endpoint.requests[0]!.url).toBe('/people/from%20the%20model');
  expect(sent()).toEqual({ n: 3, text: 'for first' });
});

test('an address that cannot be filled in is an error, and nothing is sent', async () => {
  expect(await run({ url: `${endpoint.url}/{{id}}` })).toEqual({
    status: 'error',
    error: 'URL template rendering failed: There is no value for id',
  });
  expect(endpoint.requests).toEqual([]);
});

test.each([200, 404, 500])('the answer %i with its JSON is a success for the model', async (status) => {
  answer = { status, body: '{"plan":"gold"}' };
  expect(await run({})).toEqual({ status: 'success', status_code: status, data: { plan: 'gold' } });
});

test('what is no JSON is shown as text', async () => {
  answer = { status: 200, body: 'thank you' };
  expect(await run({})).toEqual({ status: 'success', status_code: 200, data: { raw_response: 'thank you' } });
});

test.each([
  ['long text', 'x'.repeat(200_000)],
  ['long JSON', JSON.stringify({ list: Array.from({ length: 20_000 }, (_, index) => index) })],
  ['deep JSON', '['.repeat(60_000)],
  ['control characters', '\u0001'.repeat(60_000)],
])('of %s the model is shown 4,000 characters at most, beginning at the beginning', async (_, body) => {
  answer = { status: 200, body };
  const result = await run({});
  expect(JSON.stringify(result).length).toBeLessThanOrEqual(4000);
  const { raw_response: shown } = result.data as { raw_response: string };
  expect(shown).toMatch(/\.\.\.\(truncated\)$/);
  const beginning = shown.replace('...(truncated)', '');
  expect(beginning.length).toBeGreaterThan(400);
  expect(body.startsWith(beginning)).toBe(true);
});

test('V9: an endpoint that does not answer is an error after the time of the tool', async () => {
  answer = null;
  const result = run({ timeout_ms: 5000 });
  await waitForRequest();
  await server.stopWaitingForReplies();
  expect(await result).toEqual({ status: 'error', error: 'Request timed out after 5 seconds' });
});

test('no tool may take longer than 10 seconds', async () => {
  answer = null;
  const result = run({ timeout_ms: 60_000 });
  await waitForRequest();
  await server.stopWaitingForReplies();
  expect(await result).toEqual({ status: 'error', error: 'Request timed out after 10 seconds' });
});

async function waitForRequest(): Promise<void> {
  while (endpoint.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
}

test('a redirect is not followed', async () => {
  const other = await startLocalServer((_request, response) => {
    response.writeHead(302, { location: endpoint.url }).end();
  });
  expect(await run({ url: other.url })).toMatchObject({ status: 'success', status_code: 302 });
  expect(endpoint.requests).toEqual([]);
  await other.close();
});

test('nothing listens there: an error in words, without the address', async () => {
  expect(await run({ url: `http://127.0.0.1:${await freeTcpPort()}/` })).toEqual({
    status: 'error',
    error: 'Request failed: no connection could be made',
  });
});

test('an address that leads into a private network gets no request, however it was stored', async () => {
  const guarded = await startTestServer();
  const owner = await guarded.signUp();
  const config = { method: 'POST', url: 'https://tools.example.com/' };
  const made = await guarded.request
    .post('/api/v1/tools/')
    .set('X-API-Key', owner.apiKey)
    .send({ name: 'Look up', definition: { type: 'http_api', config } })
    .expect(200);
  const { storage } = guarded.services;
  const definition = JSON.stringify({ type: 'http_api', config: { ...config, url: endpoint.url } });
  await storage.write((session) =>
    session.run(session.builder.updateTable('tools').set({ definition }).compile()),
  );
  const [tool] = await readNodeTools(storage.read, owner.organizationId, [(made.body as Tool).tool_uuid]);
  const runner = toolRunner(guarded.services, owner.organizationId);
  const result = await runner.run(tool as HttpApiTool, {}, { initial: {}, gathered: {} }, '1-1-0');
  expect(result).toEqual({
    status: 'error',
    error: 'Request failed: the address leads into a private network, which the operator has not allowed',
  });
  expect(endpoint.requests).toEqual([]);
  await guarded.close();
});

test('no log line has an address, an argument, a reply or a secret', async () => {
  answer = { status: 500, body: 'w0rds' };
  await run({ parameters: [text('x')] }, { x: 'v4lue' });
  const lines = server.logLines.join('\n');
  for (const word of ['w0rds', 'v4lue', 's3cret', endpoint.url]) expect(lines).not.toContain(word);
});

describe('what the engine is given', () => {
  test('the schema of the parameters, Dograh’s words where there is no description, and the text to say', async () => {
    const parameters = [
      text('day', false),
      { name: 'o', type: 'object', description: 'An object' },
      { name: 'l', type: 'array', description: 'A list' },
    ];
    const { tool_uuid: id } = await make({ parameters, customMessage: 'One moment.' }, '  Look-up  CRM! ');
    expect(await offered([id])).toEqual([
      {
        kind: 'http_api',
        id,
        functionName: 'look_up_crm',
        description: 'Execute   Look-up  CRM!  tool',
        message: 'One moment.',
        parameters: {
          type: 'object',
          properties: {
            day: { type: 'string', description: 'day' },
            o: { type: 'object', description: 'An object', additionalProperties: true },
            l: { type: 'array', description: 'A list', items: {} },
          },
          required: ['o', 'l'],
        },
      },
    ]);
  });

  test('active tools of the own organization only, in the order in which they were made', async () => {
    const stranger = await server.signUp();
    const first = (await make({}, 'First')).tool_uuid;
    const archived = (await make({}, 'Archived')).tool_uuid;
    const last = (await make({}, 'Last')).tool_uuid;
    await server.request.delete(`/api/v1/tools/${archived}`).set('X-API-Key', account.apiKey).expect(200);
    const uuids = [last, archived, 'nothing', '\0', first, last];
    expect((await offered(uuids)).map(({ id }) => id)).toEqual([first, last]);
    expect(await readNodeTools(server.services.storage.read, stranger.organizationId, uuids)).toEqual([]);
  });
});
