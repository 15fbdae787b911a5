/** The test of a tool: its author sees request and reply, and no secret. */
import type { ToolTestReport } from '@dograh-trigger/shared';
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { receiversAllowed } from '../../../support/webhooks';

let server: TestServer;
let account: Account;
let endpoint: LocalServer;
let status: number;
beforeAll(async () => {
  server = await startTestServer(receiversAllowed);
  account = await server.signUp();
  endpoint = await startLocalServer((_request, response) => {
    replyJson(response, status, { plan: 'gold' });
  });
});
beforeEach(() => {
  status = 200;
  endpoint.requests.length = 0;
});
afterAll(async () => {
  await endpoint.close();
  await server.close();
});

async function post<Reply>(path: string, body: object): Promise<Reply> {
  const reply = await server.request
    .post(`/api/v1${path}`)
    .set('X-API-Key', account.apiKey)
    .send(body)
    .expect(200);
  return reply.body as Reply;
}

async function tested(config: object, body: object): Promise<ToolTestReport> {
  const definition = { type: 'http_api', config: { url: endpoint.url, ...config } };
  const tool = await post<{ tool_uuid: string }>('/tools/', { name: 'Look up', definition });
  return post(`/tools/${tool.tool_uuid}/test`, body);
}

const id = { name: 'id', type: 'string', description: 'An id' };

test('request and reply are shown, the credential is sent and masked', async () => {
  const { uuid } = await post<{ uuid: string }>('/credentials/', {
    name: 'CRM',
    credential_type: 'bearer_token',
    credential_data: { token: 's3cret' },
  });
  const config = {
    method: 'POST',
    url: `${endpoint.url}/people/{{id}}`,
    credential_uuid: uuid,
    parameters: [id],
    preset_parameters: [{ name: 'phone', type: 'string', value_template: '{{phone_number}}' }],
  };
  const report = await tested(config, { llm_params: { id: 'a/b' }, preset_params: { phone: '+15550100' } });
  expect(report).toEqual({
    status: 'success',
    status_code: 200,
    data: { plan: 'gold' },
    error: null,
    hint: null,
    request_method: 'POST',
    request_url: `${endpoint.url}/people/a%2Fb`,
    request_headers: {
      'user-agent': expect.stringContaining('dograh-trigger/') as string,
      'content-type': 'application/json',
      authorization: '********',
    },
    request_body: { phone: '+15550100', id: 'a/b' },
    request_params: null,
    duration_ms: 0,
  });
  expect(endpoint.requests[0]!.headers.authorization).toBe('Bearer s3cret');
});

test.each([
  [401, 'Check the credential that the tool names.'],
  [404, 'Check the address and what is filled into it.'],
  [500, 'In a call, the model is shown the answer as it is.'],
])('the answer %i is an error, with advice', async (answered, hint) => {
  status = answered;
  const report = await tested({ method: 'GET', parameters: [id] }, { llm_params: { id: '1' } });
  expect(report).toMatchObject({
    status: 'error',
    status_code: answered,
    data: { plan: 'gold' },
    error: `The endpoint answered ${answered}`,
    hint,
    request_params: { id: '1' },
    request_body: null,
  });
});

test('a missing argument is said, and nothing is sent', async () => {
  expect(await tested({ method: 'GET', parameters: [id] }, { llm_params: {} })).toMatchObject({
    status: 'error',
    status_code: null,
    error: "The argument 'id' is missing",
    request_url: null,
  });
  expect(endpoint.requests).toEqual([]);
});
