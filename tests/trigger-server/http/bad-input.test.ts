/** Bad input of every kind results in a documented status with a JSON detail, and never starts a run. */
import { readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1000' });
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

function post(body: string | Buffer | undefined, contentType: string | null = 'application/json') {
  const headers: Record<string, string> = { 'X-API-Key': account.apiKey };
  if (contentType !== null) headers['Content-Type'] = contentType;
  return fetch(`${server.baseUrl}/api/v1/public/agent/${agent.triggerPath}`, {
    method: 'POST',
    headers,
    body,
  });
}

async function runCount(): Promise<number> {
  const page = await server.request
    .get(`/api/v1/workflow/${String(agent.id)}/runs`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (page.body as { total_count: number }).total_count;
}

const nested = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const list = (values: number) => `{"a":[${'0,'.repeat(values - 1)}0]}`;
const withContext = (context: string) => `{"phone_number":"+14155550100","initial_context":${context}}`;

describe('422 with the invalid place', () => {
  test.each<[string, string | undefined, string | null, (string | number)[], string]>([
    ['no body', undefined, 'application/json', ['body'], 'missing'],
    ['an empty body', '', 'application/json', ['body'], 'missing'],
    ['no JSON', 'hello', 'application/json', ['body', 0], 'json_invalid'],
    ['half a JSON', '{"phone_number": "+1415', 'application/json', ['body', 0], 'json_invalid'],
    ['NaN inside the context', withContext('{"a":NaN}'), 'application/json', ['body', 0], 'json_invalid'],
    [
      'a value named __proto__, which copies would leave out',
      withContext('{"a":[{"__proto__":{"polluted":true}}]}'),
      'application/json',
      ['body'],
      'json_invalid',
    ],
    [
      'the same name, escaped',
      withContext('{"\\u005f_proto__":1}'),
      'application/json',
      ['body'],
      'json_invalid',
    ],
    [
      'a form',
      'phone_number=%2B14155550100',
      'application/x-www-form-urlencoded',
      ['body'],
      'model_attributes_type',
    ],
    [
      'JSON as plain text',
      '{"phone_number":"+14155550100"}',
      'text/plain',
      ['body'],
      'model_attributes_type',
    ],
    ['an array', '[]', 'application/json', ['body'], 'model_attributes_type'],
    ['null', 'null', 'application/json', ['body'], 'model_attributes_type'],
    ['a string', '"+14155550100"', 'application/json', ['body'], 'model_attributes_type'],
    ['no phone number', '{}', 'application/json', ['body', 'phone_number'], 'missing'],
    [
      'a phone number as a number',
      '{"phone_number":14155550100}',
      'application/json',
      ['body', 'phone_number'],
      'string_type',
    ],
    [
      'a null phone number',
      '{"phone_number":null}',
      'application/json',
      ['body', 'phone_number'],
      'string_type',
    ],
    [
      'a context that is a list',
      withContext('[1]'),
      'application/json',
      ['body', 'initial_context'],
      'dict_type',
    ],
    ['a context of 20,001 values', withContext(list(20_000)), 'application/json', ['body'], 'json_invalid'],
    ['1 MiB of open brackets', '['.repeat(1_000_000), 'application/json', ['body'], 'json_invalid'],
    ['a context as text', withContext('"{}"'), 'application/json', ['body', 'initial_context'], 'dict_type'],
    ['a context nested 5,000 deep', withContext(nested(5000)), 'application/json', ['body'], 'json_invalid'],
    [
      'a telephony configuration that is no number',
      '{"phone_number":"+14155550100","telephony_configuration_id":"x"}',
      'application/json',
      ['body', 'telephony_configuration_id'],
      'int_parsing',
    ],
    [
      'a fraction as an id',
      '{"phone_number":"+14155550100","telephony_configuration_id":1.5}',
      'application/json',
      ['body', 'telephony_configuration_id'],
      'int_from_float',
    ],
    [
      'an empty id',
      '{"phone_number":"+14155550100","from_phone_number_id":""}',
      'application/json',
      ['body', 'from_phone_number_id'],
      'int_parsing',
    ],
  ])('%s', async (_name, body, contentType, loc, type) => {
    const before = await runCount();
    const reply = await post(body, contentType);
    expect(reply.status).toBe(422);
    const { detail } = (await reply.json()) as { detail: { loc: unknown; type: string; msg: string }[] };
    expect(detail).toHaveLength(1);
    expect(detail[0]).toMatchObject({ loc, type });
    expect(detail[0]?.msg).not.toBe('');
    expect(await runCount()).toBe(before);
  });
});

test('brackets inside a text are not counted', async () => {
  const text = JSON.stringify(`\\"${'{[,"'.repeat(30_000)}\\`);
  const before = await runCount();
  expect((await post(withContext(`{"a":${text},"\\",[[":1}`))).status).toBe(200);
  expect((await post(withContext(list(19_990)))).status).toBe(200);
  expect(await runCount()).toBe(before + 2);
});

test('415: JSON in UTF-16, whose bytes say something else', async () => {
  const body = Buffer.from('{"phone_number":"+14155550100"}', 'utf16le');
  expect((await post(body, 'application/json; charset=utf-16le')).status).toBe(415);
});

test('413: a body of 10 MB', async () => {
  const reply = await post(withContext(`{"a":"${'x'.repeat(10_000_000)}"}`));
  expect(reply.status).toBe(413);
  expect(await reply.json()).toMatchObject({ detail: 'The request body is larger than 1 MiB' });
});

test('a body of 10 MB without a key is refused for its key', async () => {
  const reply = await fetch(`${server.baseUrl}/api/v1/public/agent/${agent.triggerPath}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: 'x'.repeat(10_000_000),
  });
  expect(reply.status).toBe(401);
});

test('415: a body in another character set', async () => {
  const reply = await post('{}', 'application/json; charset=iso-8859-1');
  expect(reply.status).toBe(415);
  expect(await reply.json()).toHaveProperty('detail');
});

test.each([
  [
    'bytes that are not UTF-8',
    Buffer.from([
      ...Buffer.from('{"phone_number":"+14155550100","initial_context":{"a":"'),
      0xff,
      ...Buffer.from('"}}'),
    ]),
    {},
  ],
  ['a broken compression', Buffer.from('not gzip at all'), { 'Content-Encoding': 'gzip' }],
])('400: %s', async (_name, body, headers: Record<string, string>) => {
  const reply = await fetch(`${server.baseUrl}/api/v1/public/agent/${agent.triggerPath}`, {
    method: 'POST',
    headers: { 'X-API-Key': account.apiKey, 'Content-Type': 'application/json', ...headers },
    body,
  });
  expect(reply.status).toBe(400);
  expect(((await reply.json()) as { detail: string }).detail).toMatch(/^The request body /);
});

describe('200: unusual but good', () => {
  test.each<[string, string | Buffer, string]>([
    ['unknown fields are ignored', '{"phone_number":"+14155550100","customer":"Jane"}', 'application/json'],
    ['a lone surrogate in the context is kept', withContext('{"a":"\\ud83d"}'), 'application/json'],
    ['a NUL in the context is kept', withContext('{"a":"x\\u0000y"}'), 'application/json'],
    ['emoji in the context', withContext('{"a":"📞"}'), 'application/json'],
    ['a context nested 60 deep', withContext(nested(60)), 'application/json'],
    ['a null context', withContext('null'), 'application/json'],
    ['another JSON media type', '{"phone_number":"+14155550100"}', 'application/vnd.api+json'],
    ['a character set', '{"phone_number":"+14155550100"}', 'application/json; charset=utf-8'],
    ['a byte-order mark', Buffer.from('\uFEFF{"phone_number":"+14155550100"}'), 'application/json'],
  ])('%s', async (_name, body, contentType) => {
    const reply = await post(body, contentType);
    expect(reply.status).toBe(200);
    const { workflow_run_id: runId } = (await reply.json()) as { workflow_run_id: number };
    await server.request
      .get(`/api/v1/workflow/0/runs/${String(runId)}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
  });

  test('a value named constructor pollutes nothing', async () => {
    const reply = await post(withContext('{"constructor":{"prototype":{"polluted":true}}}'));
    expect(reply.status).toBe(200);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    await server.advance(1000);
  });
});

describe('the wrong address or verb', () => {
  test('404 for an unknown route', async () => {
    const reply = await server.request.get('/api/v1/nothing/here').expect(404);
    expect(reply.body).toMatchObject({ detail: 'Not Found' });
  });

  test('405 names the allowed methods', async () => {
    const reply = await server.request.get(`/api/v1/public/agent/${agent.triggerPath}`).expect(405);
    expect(reply.body).toMatchObject({ detail: 'Method Not Allowed' });
    expect(reply.headers.allow).toBe('POST');
  });

  test.each(['/api/v1/openapi.json', '/docs/', '/docs/swagger-ui.css'])(
    '405 for a POST to %s',
    async (path) => {
      const reply = await server.request.post(path).expect(405);
      expect(reply.headers.allow).toBe('GET');
    },
  );

  test('400 for an address that is not valid UTF-8', async () => {
    const reply = await server.request
      .post('/api/v1/public/agent/%ff')
      .set('X-API-Key', account.apiKey)
      .send({})
      .expect(400);
    expect(reply.body).toHaveProperty('detail');
  });

  test.each(['99999999999', '2147483648', '1.5', 'abc', '-1'])('404 for a run id of %s', async (id) => {
    const reply = await server.request
      .get(`/api/v1/workflow/0/runs/${id}`)
      .set('X-API-Key', account.apiKey)
      .expect(404);
    expect(reply.body).toMatchObject({ detail: 'Workflow run not found' });
  });

  test('404 for a trigger path with a NUL', async () => {
    const reply = await server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}%00`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: '+14155550100' })
      .expect(404);
    expect(reply.body).toMatchObject({ detail: 'Agent trigger not found' });
  });

  test('a browser may ask first, and gets no credentials', async () => {
    const reply = await server.request.options(`/api/v1/public/agent/${agent.triggerPath}`).expect(204);
    expect(reply.headers['access-control-allow-origin']).toBe('*');
    expect(reply.headers['access-control-allow-headers']).toContain('X-API-Key');
    expect(reply.headers).not.toHaveProperty('access-control-allow-credentials');
  });
});
