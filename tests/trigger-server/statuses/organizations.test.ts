import { readyToCall } from '../../support/agents';
import { startCall } from '../../support/calls';
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
  'GET /organizations/campaign-defaults': {
    200: () => ({ path: '/organizations/campaign-defaults', apiKey: account.apiKey }),
  },
  'GET /organizations/audit': {
    200: () => ({ path: '/organizations/audit', apiKey: account.apiKey }),
    422: () => ({ path: '/organizations/audit?action=nothing', apiKey: account.apiKey }),
  },
  [`GET ${path}`]: { 200: () => ({ path, apiKey: account.apiKey }) },
  [`PUT ${path}`]: {
    200: () => ({ path, token: account.token, body: {} }),
    403: () => ({ path, apiKey: account.apiKey, body: {} }),
    409: () => ({ path, token: account.token, body: { revision: 'of another policy' } }),
  },
  'GET /organizations/retention': {
    200: () => ({ path: '/organizations/retention', apiKey: account.apiKey }),
  },
  'PUT /organizations/retention': {
    200: () => ({ path: '/organizations/retention', token: account.token, body: {} }),
    403: () => ({ path: '/organizations/retention', apiKey: account.apiKey, body: {} }),
  },
  'POST /organizations/erase': {
    200: () => ({
      path: '/organizations/erase',
      apiKey: account.apiKey,
      body: { phone_number: '+14155550100' },
    }),
    409: async () => {
      const { account: caller, agent } = await readyToCall(server);
      await startCall(server, caller, agent, { phone_number: '+14155550100' });
      return {
        path: '/organizations/erase',
        apiKey: caller.apiKey,
        body: { phone_number: '+14155550100' },
      };
    },
  },
  [`POST ${path}/check`]: {
    200: () => ({ path: `${path}/check`, apiKey: account.apiKey, body: { phone_numbers: ['+14155550100'] } }),
  },
});
