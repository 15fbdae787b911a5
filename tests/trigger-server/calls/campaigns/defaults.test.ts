import { readyToCall } from '../../../support/agents';
import { addPhoneNumber } from '../../../support/telephony';
import { startTestServer, type TestServer } from '../../../support/test-server';

const path = '/api/v1/organizations/campaign-defaults';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '7' });
});
afterAll(() => server.close());

function read(apiKey: string) {
  return server.request.get(path).set('X-API-Key', apiKey);
}

test('200 returns the organization’s concurrent call limit, and Dograh’s repeats', async () => {
  const { apiKey } = await server.signUp();
  expect((await read(apiKey).expect(200)).body).toEqual({
    concurrent_call_limit: 7,
    from_numbers_count: 0,
    default_retry_config: {
      enabled: true,
      max_retries: 1,
      retry_delay_seconds: 120,
      retry_on_busy: true,
      retry_on_no_answer: true,
      retry_on_voicemail: false,
    },
    last_campaign_settings: null,
  });
});

test('200 returns the number of active numbers of the default configuration', async () => {
  const { account, configurationId } = await readyToCall(server);
  await addPhoneNumber(server, account, configurationId, { address: '+14155550101' });
  await addPhoneNumber(server, account, configurationId, { address: '+14155550102' });
  await addPhoneNumber(server, account, configurationId, { address: '+14155550103', is_active: false });
  expect((await read(account.apiKey).expect(200)).body).toMatchObject({ from_numbers_count: 2 });
});

test('calls are refused beyond the returned limit', async () => {
  const { account, agent } = await readyToCall(server);
  const { concurrent_call_limit: limit } = (await read(account.apiKey).expect(200)).body as {
    concurrent_call_limit: number;
  };
  const call = () =>
    server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: '+14155550100' });
  for (let placed = 0; placed < limit; placed += 1) await call().expect(200);
  await call().expect(429);
});

test('401 without a key', async () => {
  await server.request.get(path).expect(401);
});
