/** The statuses of campaigns and of their files. */
import { feedCampaigns } from '../../../trigger-server/src/calls/campaigns/engine/worker';
import { createAgent, readyToCall, type TestAgent } from '../../support/agents';
import { askForUpload, createCampaign, order, uploadContacts } from '../../support/campaigns';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { testStatuses, type Ask } from './documented';

let server: TestServer;
let account: Account;
let agent: TestAgent;
let apiKey: string;
/** Has an agent and no telephony. */
let poor: Account;
beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
  ({ apiKey } = account);
  poor = await server.signUp();
  await createAgent(server, poor);
});
afterAll(() => server.close());

const csv = 'phone_number\n+15005550011\n';

async function fresh(): Promise<number> {
  return (await createCampaign(server, account, agent, ['+15005550011'])).id;
}

async function started(): Promise<number> {
  const id = await fresh();
  await order(server, account, id, 'start');
  return id;
}

async function paused(): Promise<number> {
  const id = await started();
  await order(server, account, id, 'pause');
  return id;
}

async function completed(): Promise<number> {
  const once = { retry_config: { enabled: false } };
  const { id } = await createCampaign(server, account, agent, ['+15005550011'], once);
  await order(server, account, id, 'start');
  for (let round = 0; round < 8; round += 1) {
    await feedCampaigns(server.services);
    await server.advance(1000);
  }
  return id;
}

const at = (id: number, rest = '') => `/campaign/${String(id)}${rest}`;
const onCampaign = (make: () => Promise<number>, rest: string, body?: object) => async (): Promise<Ask> => ({
  path: at(await make(), rest),
  apiKey,
  ...(body === undefined ? {} : { body }),
});
const missing = (rest: string, body?: object) => (): Ask => ({
  path: at(2_000_000, rest),
  apiKey,
  ...(body === undefined ? {} : { body }),
});
const isFile = { 'Content-Type': 'text/csv' };

async function uploadPath(): Promise<string> {
  return new URL((await askForUpload(server, account)).upload_url).pathname.replace('/api/v1', '');
}

async function newCampaign(changes: object = {}): Promise<object> {
  const { file_key: source_id } = await uploadContacts(server, account, csv);
  return { name: 'List', workflow_id: agent.id, source_type: 'csv', source_id, ...changes };
}

testStatuses(__filename, () => server, {
  'POST /s3/presigned-upload-url': {
    200: () => ({
      path: '/s3/presigned-upload-url',
      apiKey,
      body: { file_name: 'contacts.csv', file_size: 100 },
    }),
  },
  'PUT /s3/files/{token}': {
    200: async () => ({ path: await uploadPath(), body: csv, headers: isFile }),
    400: async () => ({ path: await uploadPath(), body: 'phone\n1\n', headers: isFile }),
    404: () => ({ path: '/s3/files/AAAA', body: csv, headers: isFile }),
    413: async () => ({ path: await uploadPath(), body: 'x'.repeat(10_485_761), headers: isFile }),
    415: async () => ({ path: await uploadPath(), body: csv, headers: { 'Content-Type': 'text/plain' } }),
  },
  'GET /s3/files/{token}': {
    200: async () => {
      const reply = await server.request
        .get(`/api/v1${at(await fresh(), '/source-download-url')}`)
        .set('X-API-Key', apiKey)
        .expect(200);
      const { download_url: url } = reply.body as { download_url: string };
      return { path: new URL(url).pathname.replace('/api/v1', '') };
    },
    404: () => ({ path: '/s3/files/AAAA' }),
  },
  'POST /campaign/create': {
    200: async () => ({ path: '/campaign/create', apiKey, body: await newCampaign() }),
    400: async () => ({
      path: '/campaign/create',
      apiKey,
      body: await newCampaign({ source_id: 'campaigns/1/none.csv' }),
    }),
    404: async () => ({
      path: '/campaign/create',
      apiKey,
      body: await newCampaign({ workflow_id: 2_000_000 }),
    }),
  },
  'GET /campaign/': { 200: () => ({ path: '/campaign/', apiKey }) },
  'GET /campaign/{campaign_id}': { 200: onCampaign(fresh, ''), 404: missing('') },
  'PATCH /campaign/{campaign_id}': {
    200: onCampaign(fresh, '', { name: 'Another' }),
    400: onCampaign(completed, '', { name: 'Another' }),
    404: missing('', {}),
  },
  'POST /campaign/{campaign_id}/start': {
    200: onCampaign(fresh, '/start'),
    400: onCampaign(started, '/start'),
    404: missing('/start'),
  },
  'POST /campaign/{campaign_id}/pause': {
    200: onCampaign(started, '/pause'),
    400: onCampaign(fresh, '/pause'),
    404: missing('/pause'),
  },
  'POST /campaign/{campaign_id}/resume': {
    200: onCampaign(paused, '/resume'),
    400: onCampaign(started, '/resume'),
    404: missing('/resume'),
  },
  'POST /campaign/{campaign_id}/redial': {
    200: onCampaign(completed, '/redial', {}),
    400: onCampaign(fresh, '/redial', {}),
    404: missing('/redial', {}),
  },
  'GET /campaign/{campaign_id}/progress': { 200: onCampaign(fresh, '/progress'), 404: missing('/progress') },
  'GET /campaign/{campaign_id}/runs': {
    200: onCampaign(fresh, '/runs'),
    400: onCampaign(fresh, '/runs?filters={'),
    403: onCampaign(fresh, '/runs?filters=[{"attribute":"runId","type":"number","value":{"value":1}}]'),
    404: missing('/runs'),
    422: onCampaign(fresh, '/runs?page=0'),
  },
  'GET /campaign/{campaign_id}/report': {
    200: onCampaign(fresh, '/report'),
    404: missing('/report'),
    422: onCampaign(fresh, '/report?start_date=yesterday'),
  },
  'GET /campaign/{campaign_id}/source-download-url': {
    200: onCampaign(fresh, '/source-download-url'),
    404: missing('/source-download-url'),
  },
});

test('a campaign is not started without any telephony: 401 in Dograh’s words', async () => {
  const reply = await server.request
    .post('/api/v1/campaign/1/start')
    .set('X-API-Key', poor.apiKey)
    .expect(401);
  expect(reply.body).toMatchObject({
    detail: 'You must configure telephony first by going to APP_URL/configure-telephony',
  });
});
