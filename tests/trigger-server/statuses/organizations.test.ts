import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { testStatuses } from './documented';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

const path = '/organizations/destination-policy';

testStatuses(__filename, () => server, {
  [`GET ${path}`]: { 200: () => ({ path, apiKey: account.apiKey }) },
  [`PUT ${path}`]: {
    200: () => ({ path, token: account.token, body: {} }),
    403: () => ({ path, apiKey: account.apiKey, body: {} }),
  },
});
