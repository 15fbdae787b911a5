import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { startStandIn } from '../support/dograh-stand-in';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { n8nLoadOptionsContext } from '../support/n8n-context';

const { searchAgents, searchCallerIds, searchTelephonyConfigurations } = new Dograh().methods.listSearch;

const fields = { status: 'active', created_at: '2026-08-22T03:04:05Z' };
const agents = [
  { ...fields, id: 3, name: 'Sales (EU)', workflow_uuid: 'c3c3c3c3-0000-4000-8000-000000000003' },
  { ...fields, id: 1, name: 'Appointment reminder', workflow_uuid: 'a1a1a1a1-0000-4000-8000-000000000001' },
  { ...fields, id: 2, name: 'sales follow-up', workflow_uuid: 'b2b2b2b2-0000-4000-8000-000000000002' },
];

let server: LocalServer;

beforeEach(async () => {
  server = await startStandIn({ replies: { 'GET /api/v1/workflow/fetch?status=active': agents } });
});

afterEach(() => server.close());

async function search(filter?: string): Promise<string[]> {
  const context = n8nLoadOptionsContext({ baseUrl: `${server.url}/api/v1/`, apiKey: 'dgr_list' });
  const { results } = await searchAgents.call(context, filter);
  return results.map(({ name }) => name);
}

test('the list has the active agents sorted by name, with the UUID as the value', async () => {
  const context = n8nLoadOptionsContext({ baseUrl: server.url, apiKey: 'dgr_list' });
  expect(await searchAgents.call(context)).toEqual({
    results: [
      { name: 'Appointment reminder', value: 'a1a1a1a1-0000-4000-8000-000000000001' },
      { name: 'Sales (EU)', value: 'c3c3c3c3-0000-4000-8000-000000000003' },
      { name: 'sales follow-up', value: 'b2b2b2b2-0000-4000-8000-000000000002' },
    ],
  });
  expect(server.requests).toMatchObject([{ headers: { 'x-api-key': 'dgr_list' } }]);
});

test('on hosted Dograh each agent has a link to its page; on other servers it has none', async () => {
  const baseUrl = 'https://api.dograh.com';
  const context = n8nLoadOptionsContext({ baseUrl, apiKey: 'dgr_list' });
  const answered = { statusCode: 200, headers: {}, body: JSON.stringify(agents) };
  Object.assign(context.helpers, { httpRequestWithAuthentication: () => Promise.resolve(answered) });
  const { results } = await searchAgents.call(context);
  expect(results.map(({ url }) => url)).toEqual([
    'https://app.dograh.com/workflow/1',
    'https://app.dograh.com/workflow/3',
    'https://app.dograh.com/workflow/2',
  ]);
});

test('a search matches any part of a name, in any case, and is not a pattern', async () => {
  expect(await search(' SALES ')).toEqual(['Sales (EU)', 'sales follow-up']);
  expect(await search('(')).toEqual(['Sales (EU)']);
  expect(await search('.*')).toEqual([]);
});

test('a wrong key is an error, not an empty list', async () => {
  await server.close();
  server = await startLocalServer((_, response) => {
    replyJson(response, 401, { detail: 'Invalid or expired API key' });
  });
  const context = n8nLoadOptionsContext({ baseUrl: server.url, apiKey: 'dgr_list' });
  const failure = searchAgents.call(context);
  await expect(failure).rejects.toMatchObject({ name: 'NodeApiError', httpCode: '401' });
  await expect(failure).rejects.toThrow(/Invalid or expired API key\. Check that the API key is complete/);
});

describe('the lists of telephony', () => {
  const configuration = (id: number, name: string, more: object) => ({
    id,
    name,
    provider: 'twilio',
    is_default_outbound: false,
    created_at: fields.created_at,
    updated_at: fields.created_at,
    ...more,
  });
  const number = (id: number, address: string, more: object) => ({
    id,
    telephony_configuration_id: 3,
    address,
    address_normalized: address,
    address_type: 'pstn',
    is_active: true,
    is_default_caller_id: false,
    created_at: fields.created_at,
    updated_at: fields.created_at,
    ...more,
  });
  const path = 'GET /api/v1/organizations/telephony-configs';
  let telephony: LocalServer;

  beforeEach(async () => {
    telephony = await startStandIn({
      replies: {
        [path]: {
          configurations: [
            configuration(2, 'Old', { inactive: true }),
            configuration(4, 'Europe', {}),
            configuration(3, 'Main', { is_default_outbound: true }),
          ],
        },
        [`${path}/3/phone-numbers`]: {
          phone_numbers: [
            number(7, '+14155550100', { label: 'Front desk' }),
            number(8, '+14155550101', {}),
            number(9, '+14155550102', { is_active: false }),
          ],
        },
        [`${path}/4/phone-numbers`]: { phone_numbers: [number(10, '+431234567', {})] },
      },
    });
  });

  afterEach(() => telephony.close());

  function context(telephonyConfiguration?: string) {
    const chosen = { __rl: true, mode: 'list', value: telephonyConfiguration ?? '' };
    const options = telephonyConfiguration === undefined ? {} : { telephonyConfiguration: chosen };
    return n8nLoadOptionsContext({ baseUrl: telephony.url, apiKey: 'dgr_list' }, { options });
  }

  test('configurations: the active ones, the default one first', async () => {
    expect(await searchTelephonyConfigurations.call(context())).toEqual({
      results: [
        { name: 'Main (twilio, default)', value: '3' },
        { name: 'Europe (twilio)', value: '4' },
      ],
    });
  });

  test('caller IDs: the active numbers of the chosen configuration', async () => {
    expect(await searchCallerIds.call(context('4'))).toEqual({
      results: [{ name: '+431234567', value: '10' }],
    });
  });

  test('caller IDs without a choice: the numbers of the default configuration', async () => {
    expect(await searchCallerIds.call(context())).toEqual({
      results: [
        { name: '+14155550100 (Front desk)', value: '7' },
        { name: '+14155550101', value: '8' },
      ],
    });
  });

  test('a search matches names and numbers', async () => {
    expect(await searchCallerIds.call(context(), 'DESK')).toMatchObject({ results: [{ value: '7' }] });
    expect(await searchTelephonyConfigurations.call(context(), 'eur')).toMatchObject({
      results: [{ value: '4' }],
    });
  });
});
