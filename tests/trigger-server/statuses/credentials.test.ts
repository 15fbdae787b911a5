import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { testStatuses, type Ask } from './documented';

let server: TestServer;
let account: Account;
let names = 0;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

const nobody = '00000000-0000-4000-8000-000000000000';
const newCredential = (name?: string) => ({
  name: name ?? `Credential ${(names += 1)}`,
  credential_type: 'bearer_token',
  credential_data: { token: 't0ken' },
});

async function stored(): Promise<{ uuid: string; name: string }> {
  const reply = await server.request
    .post('/api/v1/credentials/')
    .set('X-API-Key', account.apiKey)
    .send(newCredential())
    .expect(200);
  return reply.body as { uuid: string; name: string };
}

const ask = (path: string, body?: object): Ask => ({
  path: `/credentials/${path}`,
  apiKey: account.apiKey,
  ...(body === undefined ? {} : { body }),
});

testStatuses(__filename, () => server, {
  'GET /credentials/': { 200: () => ask('') },
  'POST /credentials/': {
    200: () => ask('', newCredential()),
    409: async () => ask('', newCredential((await stored()).name)),
  },
  'GET /credentials/{credential_uuid}': {
    200: async () => ask((await stored()).uuid),
    404: () => ask(nobody),
  },
  'PUT /credentials/{credential_uuid}': {
    200: async () => ask((await stored()).uuid, { description: 'New' }),
    404: () => ask(nobody, { description: 'New' }),
    409: async () => ask((await stored()).uuid, { name: (await stored()).name }),
  },
  'DELETE /credentials/{credential_uuid}': {
    200: async () => ask((await stored()).uuid),
    404: () => ask(nobody),
  },
});
