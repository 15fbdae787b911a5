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
const modelPath = '/organizations/model-configurations/v2';

function modelOf(address: string) {
  const llm = { provider: 'speaches', base_url: address };
  return { version: 2, mode: 'byok', byok: { mode: 'pipeline', pipeline: { llm } } };
}
const listPath = '/organizations/do-not-call';

async function list(number: string): Promise<void> {
  await server.request
    .put(`/api/v1${listPath}/${number}`)
    .set('X-API-Key', account.apiKey)
    .send({})
    .expect(200);
}

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
  [`GET ${listPath}`]: {
    200: () => ({ path: listPath, apiKey: account.apiKey }),
    422: () => ({ path: `${listPath}?search=jane`, apiKey: account.apiKey }),
  },
  [`GET ${listPath}/csv`]: { 200: () => ({ path: `${listPath}/csv`, apiKey: account.apiKey }) },
  [`POST ${listPath}/csv`]: {
    200: () => ({
      path: `${listPath}/csv`,
      apiKey: account.apiKey,
      body: '+14155550142',
      headers: { 'Content-Type': 'text/csv' },
    }),
  },
  [`GET ${listPath}/{number}`]: {
    200: async () => {
      await list('+14155550142');
      return { path: `${listPath}/+14155550142`, apiKey: account.apiKey };
    },
    404: () => ({ path: `${listPath}/+14155550143`, apiKey: account.apiKey }),
    422: () => ({ path: `${listPath}/jane`, apiKey: account.apiKey }),
  },
  [`PUT ${listPath}/{number}`]: {
    200: () => ({ path: `${listPath}/+14155550142`, apiKey: account.apiKey, body: {} }),
  },
  [`DELETE ${listPath}/{number}`]: {
    200: async () => {
      await list('+14155550144');
      return { path: `${listPath}/+14155550144`, token: account.token };
    },
    403: () => ({ path: `${listPath}/+14155550144`, apiKey: account.apiKey }),
    404: () => ({ path: `${listPath}/+14155550143`, token: account.token }),
    422: () => ({ path: `${listPath}/jane`, token: account.token }),
  },
  [`GET ${modelPath}`]: { 200: () => ({ path: modelPath, apiKey: account.apiKey }) },
  [`GET ${modelPath}/defaults`]: { 200: () => ({ path: `${modelPath}/defaults`, apiKey: account.apiKey }) },
  [`DELETE ${modelPath}`]: { 200: () => ({ path: modelPath, apiKey: account.apiKey }) },
  [`PUT ${modelPath}`]: {
    200: () => ({ path: modelPath, apiKey: account.apiKey, body: modelOf('https://llm.invalid/v1') }),
    422: () => ({ path: modelPath, apiKey: account.apiKey, body: modelOf('http://127.0.0.1:1/v1') }),
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
