import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { testStatuses, type Ask } from './documented';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

const nobody = '00000000-0000-4000-8000-000000000000';
const endCall = { name: 'Hang up', definition: { type: 'end_call', config: {} } };
/** Nothing listens at this address, and no request may go there. */
const httpApi = (extra: object = {}) => ({
  name: 'Look up',
  definition: { type: 'http_api', config: { method: 'GET', url: 'https://tools.example.com/', ...extra } },
});

const ask = (path: string, body?: object): Ask => ({
  path: `/tools/${path}`,
  apiKey: account.apiKey,
  ...(body === undefined ? {} : { body }),
});

async function made(body: object = endCall): Promise<string> {
  const reply = await server.request
    .post('/api/v1/tools/')
    .set('X-API-Key', account.apiKey)
    .send(body)
    .expect(200);
  return (reply.body as { tool_uuid: string }).tool_uuid;
}

async function archived(): Promise<string> {
  const uuid = await made();
  await server.request.delete(`/api/v1/tools/${uuid}`).set('X-API-Key', account.apiKey).expect(200);
  return uuid;
}

testStatuses(__filename, () => server, {
  'GET /tools/': {
    200: () => ask(''),
    400: () => ask('?status=gone'),
    422: () => ask('?status=a&status=b'),
  },
  'POST /tools/': {
    200: () => ask('', endCall),
    404: () => ask('', httpApi({ credential_uuid: nobody })),
  },
  'GET /tools/{tool_uuid}': { 200: async () => ask(await made()), 404: () => ask(nobody) },
  'PUT /tools/{tool_uuid}': {
    200: async () => ask(await made(), { description: 'New' }),
    404: () => ask(nobody, { description: 'New' }),
  },
  'DELETE /tools/{tool_uuid}': { 200: async () => ask(await made()), 404: async () => ask(await archived()) },
  'POST /tools/{tool_uuid}/unarchive': {
    200: async () => ask(`${await archived()}/unarchive`),
    404: async () => ask(`${await made()}/unarchive`),
  },
  'POST /tools/{tool_uuid}/test': {
    // A missing argument is an outcome of the test, and nothing is sent.
    200: async () =>
      ask(
        `${await made(httpApi({ parameters: [{ name: 'id', type: 'string', description: 'An id' }] }))}/test`,
        { llm_params: {} },
      ),
    400: async () => ask(`${await made()}/test`, { llm_params: {} }),
    404: () => ask(`${nobody}/test`, { llm_params: {} }),
  },
});
