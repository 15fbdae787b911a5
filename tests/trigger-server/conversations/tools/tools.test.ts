/** Tools as Dograh's API keeps them, and what of them is refused because it could never be offered or sent. */
import type { Tool } from '@dograh-trigger/shared';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  account = await server.signUp();
});
afterAll(() => server.close());

const path = '/api/v1/tools/';
const request = (method: 'get' | 'post' | 'put' | 'delete', address: string, body?: object) =>
  server.request[method](`${path}${address}`).set('X-API-Key', account.apiKey).send(body);

const config = { method: 'GET', url: 'https://tools.example.com/people/{{id}}' };
const httpApi = (more: object = {}) => ({
  name: 'Look up',
  definition: { schema_version: 1, type: 'http_api', config: { ...config, ...more } },
});
const endCall = (name = 'Hang up') => ({
  name,
  definition: { schema_version: 1, type: 'end_call', config: {} },
});

async function make(body: object = httpApi()): Promise<Tool> {
  return (await request('post', '', body).expect(200)).body as Tool;
}

async function names(query = ''): Promise<string[]> {
  return ((await request('get', query).expect(200)).body as Tool[]).map(({ name }) => name);
}

test('a tool has Dograh’s fields, defaults and creator, and is given back as it was sent', async () => {
  const definition = httpApi({ method: 'post', unknown_to_us: { a: [1] } }).definition;
  const made = await make({ name: 'Look up', description: 'Finds people.', definition });
  expect(made).toEqual({
    id: made.id,
    tool_uuid: made.tool_uuid,
    name: 'Look up',
    description: 'Finds people.',
    category: 'http_api',
    icon: 'globe',
    icon_color: '#3B82F6',
    status: 'active',
    definition: { ...definition, config: { ...definition.config, method: 'POST' } },
    created_at: server.clock.now().toISOString(),
    updated_at: null,
    created_by: null,
  });
  const read = await request('get', made.tool_uuid).expect(200);
  const created_by = { id: account.userId, provider_id: expect.any(String) as string };
  expect(read.body).toEqual({ ...made, created_by });
});

test('a list is by name, without archived tools unless they are asked for, of one category where it is given', async () => {
  await make({ ...httpApi(), name: 'b' });
  const { tool_uuid: archived } = await make({ ...httpApi(), name: 'c' });
  await make(endCall('a'));
  const reply = await request('delete', archived).expect(200);
  expect(reply.body).toEqual({ status: 'archived', tool_uuid: archived });
  expect(await names()).toEqual(['a', 'b']);
  expect(await names('?status=active,archived')).toEqual(['a', 'b', 'c']);
  expect(await names('?status=archived')).toEqual(['c']);
  expect(await names('?category=end_call')).toEqual(['a']);
});

test.each([
  ['?status=gone', "Invalid status 'gone'. Must be one of: active, archived, draft"],
  ['?category=mcp', "Invalid category 'mcp'. Must be one of: http_api, end_call, transfer_call"],
])('%s is refused in Dograh’s words', async (query, detail) => {
  expect((await request('get', query).expect(400)).body).toEqual({ code: 'bad_request', detail });
});

test('an archived tool can be read and brought back, once', async () => {
  const { tool_uuid: uuid } = await make();
  await request('delete', uuid).expect(200);
  await request('delete', uuid).expect(404);
  expect((await request('get', uuid).expect(200)).body).toMatchObject({ status: 'archived' });
  expect((await request('post', `${uuid}/unarchive`).expect(200)).body).toMatchObject({ status: 'active' });
  await request('post', `${uuid}/unarchive`).expect(404);
  expect(await names()).toEqual(['Look up']);
});

test('a change keeps what is left out, and never the category: a new definition may have another type', async () => {
  const { tool_uuid: uuid } = await make({ ...httpApi(), description: 'Finds people.' });
  const changed = await request('put', uuid, { status: 'draft', ...endCall('Find') }).expect(200);
  expect(changed.body).toMatchObject({
    name: 'Find',
    description: 'Finds people.',
    status: 'draft',
    category: 'http_api',
    definition: { type: 'end_call' },
  });
});

test('a parameter that is preset as well is refused: the callee’s words would choose it', async () => {
  const both = {
    parameters: [{ name: 'to', type: 'string', description: 'Whom' }],
    preset_parameters: [{ name: 'to', type: 'string', value_template: '{{called_number}}' }],
  };
  const reply = await request('post', '', httpApi(both)).expect(422);
  expect(reply.body).toMatchObject({
    detail: [{ loc: ['body', 'definition', 'config', 'preset_parameters', 0, 'name'] }],
  });
});

test('a category that is not the type of the definition is refused', async () => {
  const reply = await request('post', '', { ...endCall(), category: 'http_api' }).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'category'] }] });
});

test.each([
  ['R2: 天気, which leaves no name for the model', '天気'],
  ['a name of 65 letters', 'a'.repeat(65)],
])('%s is refused', async (_, name) => {
  const made = await make();
  for (const reply of [
    await request('post', '', endCall(name)),
    await request('put', made.tool_uuid, { name }),
  ]) {
    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'name'] }] });
  }
});

test.each<[string, object, (string | number)[]]>([
  ['a secret in a header', { headers: { 'X-Api-Key': 's3cret' } }, ['headers', 'X-Api-Key']],
  ['a header of the connection', { headers: { Host: 'other.example.com' } }, ['headers', 'Host']],
  ['a line break in a header', { headers: { 'X-A': 'b\r\nX-C: d' } }, ['headers', 'X-A']],
  ['a host to fill in', { url: 'https://{{host}}/' }, ['url']],
  ['a part of a host to fill in', { url: 'https://a.{{host | example}}.com/' }, ['url']],
  ['a user in the address', { url: 'https://jane@tools.example.com/' }, ['url']],
  ['another scheme', { url: 'file:///etc/passwd' }, ['url']],
  ['a method that no client sends', { method: 'TRACE' }, ['method']],
  [
    'two parameters of one name',
    { parameters: ['a', 'a'].map((name) => ({ name, type: 'string', description: 'A' })) },
    ['parameters', 1, 'name'],
  ],
])('%s is refused, and the value is not repeated', async (_, more, place) => {
  const reply = await request('post', '', httpApi(more)).expect(422);
  const { detail } = reply.body as { detail: { loc: unknown[] }[] };
  expect(detail[0]!.loc.slice(-place.length)).toEqual(place);
  expect(reply.text).not.toContain('s3cret');
});

test('an address in a private network is refused at once', async () => {
  const reply = await request('post', '', httpApi({ url: 'http://127.0.0.1:9/' })).expect(422);
  expect(reply.body).toMatchObject({ code: 'private_target' });
});

test('a credential of another organization is not found', async () => {
  const stranger = await server.signUp();
  const credential = await server.request
    .post('/api/v1/credentials/')
    .set('X-API-Key', stranger.apiKey)
    .send({ name: 'CRM', credential_type: 'none', credential_data: {} })
    .expect(200);
  const { uuid } = credential.body as { uuid: string };
  const reply = await request('post', '', httpApi({ credential_uuid: uuid })).expect(404);
  expect(reply.body).toMatchObject({
    detail: expect.stringContaining(`Credential '${uuid}' was not found in this organization. `) as string,
  });
});

test('an organization has 500 tools that are not archived at most', async () => {
  const first = await make();
  const { storage } = server.services;
  const { id: _id, ...row } = (
    await storage.read.run(
      storage.read.builder.selectFrom('tools').selectAll().where('uuid', '=', first.tool_uuid).compile(),
    )
  ).rows[0]!;
  const rows = Array.from({ length: 499 }, (_, index) => ({ ...row, uuid: `${row.uuid}-${index}` }));
  await storage.write((session) => session.run(session.builder.insertInto('tools').values(rows).compile()));
  const refused = await request('post', '', httpApi()).expect(422);
  expect(refused.body).toMatchObject({ detail: expect.stringContaining('500 tools at most') as string });
  await request('delete', first.tool_uuid).expect(200);
  await request('post', '', httpApi()).expect(200);
  await request('post', `${first.tool_uuid}/unarchive`).expect(422);
});
