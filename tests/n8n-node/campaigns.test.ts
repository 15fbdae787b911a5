/** Campaign, with the real server. */
import type { Campaign } from '@dograh-trigger/shared';
import type { IDataObject, INodeExecutionData, INodeParameters, NodeExecutionHint } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { feedCampaigns } from '../../trigger-server/src/calls/campaigns/engine/worker';
import { definitionWith, readyToCall, type TestAgent } from '../support/agents';
import { readCampaign, runsOfCampaign } from '../support/campaigns';
import { keyWithScope } from '../support/do-not-call';
import { startDograhWithStorage } from '../support/dograh-campaigns';
import { n8nContext, n8nLoadOptionsContext, type N8nContextOptions } from '../support/n8n-context';
import { startTestServer, type Account, type TestServer } from '../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server, definitionWith({ greeting: 'Hello {{first_name}}' })));
});

afterEach(() => server.close());

async function execute(
  operation: string,
  parameters: INodeParameters,
  options: Partial<N8nContextOptions> = {},
): Promise<INodeExecutionData[]> {
  const context = n8nContext({
    baseUrl: server.baseUrl,
    apiKey: account.apiKey,
    ...options,
    parameters: { resource: 'campaign', operation, ...parameters },
  });
  const [items] = await new Dograh().execute.call(context);
  return items ?? [];
}

const leads: IDataObject[] = [
  { id: 7, phone: '+1 415 555 0100', first_name: 'Jane' },
  { id: 8, phone: '+1 415 555 0101', first_name: 'Bo, "the" boss' },
  { id: 9, phone: '+1 415 555 0102', first_name: 'Ann' },
];

function addition(more: INodeParameters = {}): INodeParameters {
  return {
    campaignName: 'Reminders',
    agent: { __rl: true, mode: 'list', value: agent.uuid },
    phoneNumber: '={{ $json.phone }}',
    mappedVariables: { mappingMode: 'autoMapInputData', value: null },
    ...more,
  };
}

const add = (more: INodeParameters = {}, options: Partial<N8nContextOptions> = {}) =>
  execute('addContacts', addition(more), { items: leads, ...options });

const byId = (id: unknown) => ({ campaign: { __rl: true, mode: 'id', value: String(id) } });

async function campaigns(): Promise<Campaign[]> {
  const reply = await server.request.get('/api/v1/campaign/').set('X-API-Key', account.apiKey).expect(200);
  return (reply.body as { campaigns: Campaign[] }).campaigns;
}

async function work(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await feedCampaigns(server.services);
    await server.advance(1000);
  }
}

describe('Add Contacts', () => {
  test('all items become one campaign, and the output leads back to all of them', async () => {
    expect(await add()).toEqual([
      {
        json: {
          campaign_id: expect.any(Number) as number,
          name: 'Reminders',
          agent_id: agent.id,
          state: 'created',
          already_added: false,
          total_rows: 3,
          skipped_rows: 0,
          skipped: [],
        },
        pairedItem: [{ item: 0 }, { item: 1 }, { item: 2 }],
      },
    ]);
    await work(3);
    expect(await campaigns()).toMatchObject([{ state: 'created', executed_count: 0 }]);
  });

  test('started, each contact is called once with its own values, and no other column of the item', async () => {
    const [added] = await add();
    const id = Number(added?.json.campaign_id);
    await execute('start', byId(id));
    await work(10);
    const runs = await runsOfCampaign(server, account, { id });
    const contexts = runs.map(({ initial_context: context }) => context);
    expect(contexts.map((context) => [context?.phone_number, context?.first_name]).sort()).toEqual([
      ['+14155550100', 'Jane'],
      ['+14155550101', 'Bo, "the" boss'],
      ['+14155550102', 'Ann'],
    ]);
    expect(contexts[0]).not.toHaveProperty('phone');
  });

  test('items that are not called are named with the reason: by the node, and by the server', async () => {
    const items = [
      { phone: 'none', first_name: 'No' },
      ...leads,
      { phone: '+14155550101', first_name: 'Again' },
      { phone: '+1415555', first_name: 'Too\nshort' },
    ];
    const hints: NodeExecutionHint[] = [];
    const [added] = await add({}, { items, hints });
    expect(added?.json).toMatchObject({ total_rows: 3, skipped_rows: 3 });
    expect(added?.json.skipped).toEqual([
      { item: 0, code: 'invalid_number', reason: expect.any(String) as string },
      { item: 4, code: 'repeated_number', reason: expect.any(String) as string },
      { item: 5, code: 'invalid_number', reason: expect.any(String) as string },
    ]);
    expect(hints.map(({ message }) => message)).toEqual([
      'Some contacts are not called: skipped has the reasons.',
    ]);
  });

  test('a repeated execution adds the same contacts once, and says so', async () => {
    const [first] = await add();
    const hints: NodeExecutionHint[] = [];
    const [second] = await add({}, { items: [...leads].reverse(), hints, executionId: '232' });
    expect(second?.json).toEqual({ ...first?.json, already_added: true });
    expect(hints).toMatchObject([{ message: expect.stringContaining('Nothing was added') as string }]);
    expect(await campaigns()).toHaveLength(1);
  });

  test('under another name the same contacts are another campaign', async () => {
    const [first] = await add();
    const [second] = await add({ campaignName: 'Reminders of June' });
    expect(second?.json.campaign_id).not.toBe(first?.json.campaign_id);
  });

  test('the options are those of the campaign, with the time zone of the workflow', async () => {
    await add({
      options: {
        maxConcurrency: 1,
        callingHours: { slots: [{ days: [0, 6], from: '10:00', until: '12:30' }, { days: [2] }] },
        redial: { again: { attempts: 4, pauseMinutes: 30, on: ['voicemail'] } },
        breaker: { limit: { percent: 25 } },
      },
    });
    expect(await campaigns()).toMatchObject([
      {
        max_concurrency: 1,
        schedule_config: {
          enabled: true,
          timezone: 'Europe/Vienna',
          slots: [
            { day_of_week: 0, start_time: '10:00', end_time: '12:30' },
            { day_of_week: 6, start_time: '10:00', end_time: '12:30' },
            { day_of_week: 2, start_time: '09:00', end_time: '17:00' },
          ],
        },
        retry_config: {
          enabled: true,
          max_retries: 3,
          retry_delay_seconds: 1800,
          retry_on_busy: false,
          retry_on_no_answer: false,
          retry_on_voicemail: true,
        },
        circuit_breaker: {
          enabled: true,
          failure_threshold: 0.25,
          min_calls_in_window: 5,
          window_seconds: 120,
        },
      },
    ]);
  });

  test.each<[string, INodeParameters, RegExp]>([
    ['no name', { campaignName: ' ' }, /^Campaign Name: /],
    ['no agent', { agent: { __rl: true, mode: 'list', value: '' } }, /^Agent: /],
    ['no number at all', { phoneNumber: '' }, /^Phone Number: no item has a number that can be called/],
    ['an option without hours', { options: { callingHours: {} } }, /^Calling Hours: add hours/],
    ['hours on no day', { options: { callingHours: { slots: [{ days: [] }] } } }, /^Calling Hours: /],
    ['no number of calls', { options: { maxConcurrency: 'x' } }, /^Max Concurrency: enter a number/],
    ['an unknown ending', { options: { redial: { again: { on: ['bad'] } } } }, /^Redial After: /],
    ['an hour that is none', { options: { callingHours: { slots: [{ from: '25:00' }] } } }, /Write a time/],
    ['more calls at once than allowed', { options: { maxConcurrency: 50 } }, /max_concurrency \(50\)/],
    ['a missing value', { specifyVariables: 'json' }, /missing from the source data: 'first_name'/],
  ])('%s is refused in words, and no campaign is made', async (_, parameters, words) => {
    await expect(add(parameters)).rejects.toThrow(words);
    expect(await campaigns()).toEqual([]);
  });

  test('a refusal is the error of every item', async () => {
    const items = await add({ campaignName: '' }, { onError: 'continueRegularOutput' });
    expect(items.map(({ json }) => [json.phone, json.error])).toEqual(
      leads.map(({ phone }) => [phone, expect.objectContaining({ code: 'invalid_input' })]),
    );
  });

  test('a key that may only call is told which scope it needs', async () => {
    const apiKey = await keyWithScope(server, account, 'trigger');
    await expect(add({}, { apiKey })).rejects.toThrow(/scope/);
  });

  test('each item’s CSV file is a campaign of its own', async () => {
    const files = [
      Buffer.from('\uFEFFphone_number;first_name\r\n+14155550100;Jäne\r\n12;Bo\r\n'),
      Buffer.from('phone_number,first_name\n+14155550101,Ann\n'),
    ];
    const parameters = { contactsFrom: 'file', campaignName: '=List {{ $itemIndex }}' };
    const added = await add(parameters, { items: [{}, {}], files });
    expect(added).toMatchObject([
      {
        json: {
          name: 'List 0',
          total_rows: 1,
          skipped_rows: 1,
          skipped: [{ line: 3, code: 'invalid_number' }],
        },
        pairedItem: { item: 0 },
      },
      { json: { name: 'List 1', total_rows: 1, skipped_rows: 0 }, pairedItem: { item: 1 } },
    ]);
  });

  test.each([
    ['is not in UTF-8', [Buffer.from([0xff, 0xfe, 0x41])], /the file is not in UTF-8/],
    ['is not there', [], /contain a binary file/],
    ['has no numbers', [Buffer.from('name\nJane\n')], /Source must contain a 'phone_number' column/],
  ])('a file that %s is refused in words', async (_, files, words) => {
    await expect(add({ contactsFrom: 'file' }, { items: [{}], files })).rejects.toThrow(words);
  });

  test('on Dograh the file goes to its storage, without the API key', async () => {
    const active = {
      id: 7,
      name: 'Agent',
      workflow_uuid: agent.uuid,
      status: 'active',
      created_at: '2026-11-23',
    };
    const dograh = await startDograhWithStorage([active]);
    try {
      const target = { baseUrl: dograh.api.url, apiKey: 'dgr_secret' };
      const values = { first_name: '={{ $json.first_name }}' };
      const mappedVariables = { mappingMode: 'defineBelow', value: values };
      const [added] = await add({ mappedVariables }, target);
      expect(added?.json).toMatchObject({ total_rows: 3, skipped_rows: 0, already_added: false });
      const [again] = await add({ mappedVariables }, target);
      expect(again?.json).toMatchObject({ already_added: true, total_rows: 3 });
      expect(dograh.storage.requests).toMatchObject([
        { method: 'PUT', headers: { 'content-type': 'text/csv' } },
      ]);
      expect(dograh.storage.requests[0]?.body.toString()).toContain('"+14155550100","Jane"');
      expect(JSON.stringify(dograh.storage.requests)).not.toContain('dgr_secret');
    } finally {
      await dograh.close();
    }
  });
});

describe('a campaign that was added', () => {
  let id: number;
  beforeEach(async () => {
    const [added] = await add();
    id = Number(added?.json.campaign_id);
  });

  const move = async (operation: string) => (await execute(operation, byId(id)))[0]?.json;

  test('is started once, paused and resumed', async () => {
    const shown = { campaign_id: id, name: 'Reminders', agent_id: agent.id };
    expect(await move('start')).toEqual({ ...shown, state: 'running', changed: true });
    expect(await move('start')).toEqual({ ...shown, state: 'running', changed: false });
    expect(await move('pause')).toEqual({ ...shown, state: 'paused', changed: true });
    await expect(move('start')).rejects.toThrow(/current state: paused/);
    expect(await move('resume')).toEqual({ ...shown, state: 'running', changed: true });
  });

  test('says how far it has come', async () => {
    expect(await move('getProgress')).toMatchObject({ state: 'created', has_ended: false, total_rows: 3 });
    await move('start');
    await work(10);
    expect(await move('getProgress')).toEqual({
      campaign_id: id,
      state: 'completed',
      has_ended: true,
      total_rows: 3,
      processed_rows: 3,
      failed_calls: 0,
      progress_percentage: 100,
      started_at: expect.any(String) as string,
      completed_at: expect.any(String) as string,
    });
    expect(await readCampaign(server, account, id)).toMatchObject({ state: 'completed' });
  });

  test('is in the list with its state, and can be searched', async () => {
    await add({ campaignName: 'Offers' });
    const search = async (filter?: string) => {
      const context = n8nLoadOptionsContext({ baseUrl: server.baseUrl, apiKey: account.apiKey });
      return (await new Dograh().methods.listSearch.searchCampaigns.call(context, filter)).results;
    };
    expect((await search()).map(({ name }) => name)).toEqual(['Offers (created)', 'Reminders (created)']);
    expect(await search('remind')).toEqual([{ name: 'Reminders (created)', value: String(id) }]);
  });

  test.each(['start', 'pause', 'resume', 'getProgress'])('%s needs a campaign', async (operation) => {
    await expect(execute(operation, byId(''))).rejects.toThrow(/^Campaign: /);
    await expect(execute(operation, byId(4711))).rejects.toThrow(/Campaign not found/);
  });
});
