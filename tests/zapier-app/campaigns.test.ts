/** Campaigns: created of line items or a CSV file, started once, paused and followed, with the real server. */
import type { Campaign } from '@dograh-trigger/shared';
import { contactFields } from '../../zapier-app/src/campaign/contacts';
import { createCampaign, createCampaignStep } from '../../zapier-app/src/creates/create-campaign';
import { pauseCampaign, pauseCampaignStep } from '../../zapier-app/src/creates/pause-campaign';
import { startCampaign, startCampaignStep } from '../../zapier-app/src/creates/start-campaign';
import { findCampaign, findCampaignStep } from '../../zapier-app/src/searches/find-campaign';
import { recentCallsStep } from '../../zapier-app/src/triggers/call-completed-polling';
import { listCampaignsStep } from '../../zapier-app/src/triggers/list-campaigns';
import { backdate } from '../support/backdate';
import { breakConnection } from '../support/dograh-stand-in';
import { replyJson, startLocalServer } from '../support/local-server';
import { appTester, failureOf, makeBundle, runStep } from '../support/zapier';
import { nextNumber, startZapierServer, type ZapierServer } from '../support/zapier-server';

let server: ZapierServer;
/** Each test has its own campaigns, found by their name. */
let name: string;
let names = 0;

beforeAll(async () => {
  server = await startZapierServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  names += 1;
  name = `Reminders ${String(names)}`;
});

interface Item {
  phone_number?: unknown;
  variablefirst_005fname?: string;
}

function create(items: Item[], changes: object = {}) {
  const input = { name, agent: server.agent, contacts: items, ...changes };
  return runStep(createCampaignStep, server.bundleFor(input));
}

function start(campaign: unknown, changes: object = {}) {
  return runStep(startCampaignStep, server.bundleFor({ campaign, ...changes }));
}

const pause = (campaign: unknown) => runStep(pauseCampaignStep, server.bundleFor({ campaign }));
const find = (input: object) => runStep(findCampaignStep, server.bundleFor(input));

function newItems(count: number): { phone_number: string }[] {
  return Array.from({ length: count }, () => ({ phone_number: nextNumber() }));
}

async function waitForEnd(id: number) {
  for (let tries = 0; tries < 2000; tries += 1) {
    const { state } = await server.client.getCampaign(id);
    if (state === 'completed') break;
  }
  const [found] = await find({ campaign: id });
  return found;
}

/** How often each number was dialled. */
function dialsOf(items: { phone_number: string }[]): Promise<number[]> {
  return Promise.all(items.map(({ phone_number: number }) => server.dials(number)));
}

describe('Create Campaign', () => {
  test('adds line items, calls nobody, and says which contacts are skipped and why', async () => {
    const [first, second] = newItems(2);
    const national = second!.phone_number.slice(2);
    const created = await create(
      [
        { ...first, variablefirst_005fname: 'Jane' },
        { phone_number: '12' },
        { phone_number: ` ${national} ` },
        { ...first },
        {},
      ],
      { default_country: 'US' },
    );
    expect(created).toMatchObject({
      name,
      agent_name: 'Appointment Reminder',
      state: 'created',
      contacts: 2,
      already_created: false,
      skipped_contacts: 3,
      skipped: [
        { row: 2, code: 'invalid_number' },
        { row: 4, code: 'repeated_number', detail: 'An earlier contact has the same phone number.' },
        { row: 5, code: 'no_number' },
      ],
    });
    expect(Object.keys(createCampaign.operation.sample ?? {})).toEqual(Object.keys(created));
    expect(await dialsOf([first!, second!])).toEqual([0, 0]);
  });

  test('names the row of a contact that the server skips, too', async () => {
    const ofNoCountry = { phone_number: '+9990000001' };
    const { skipped } = await create([...newItems(1), ofNoCountry, { phone_number: 'none' }]);
    expect(skipped).toMatchObject([
      { row: 2, detail: expect.stringContaining('No country has') as string },
      { row: 3 },
    ]);
  });

  test('has a field for each variable of the agent in the line items', async () => {
    const [lineItems] = contactFields;
    const [field] = await appTester(lineItems, server.bundleFor({ agent: server.agent }));
    expect(field).toMatchObject({
      key: 'contacts',
      children: [{ key: 'phone_number' }, { key: 'variablefirst_005fname', label: 'first_name' }],
    });
  });

  test('passes its settings on', async () => {
    const { id } = await create(newItems(1), {
      calls_at_once: '3',
      days: ['0', '4'],
      from: '9:00',
      until: '17:30',
      time_zone: 'Europe/Vienna',
      redial_attempts: 3,
      redial_after: ['voicemail'],
      redial_pause: 5,
    });
    const slot = { start_time: '09:00', end_time: '17:30' };
    expect(await server.api<Campaign>('GET', `/campaign/${String(id)}`)).toMatchObject({
      max_concurrency: 3,
      schedule_config: {
        enabled: true,
        timezone: 'Europe/Vienna',
        slots: [
          { day_of_week: 0, ...slot },
          { day_of_week: 4, ...slot },
        ],
      },
      retry_config: {
        enabled: true,
        max_retries: 2,
        retry_delay_seconds: 300,
        retry_on_busy: false,
        retry_on_no_answer: false,
        retry_on_voicemail: true,
      },
    });
  });

  test.each([
    [{ name: ' ' }, 'Name: enter a name'],
    [{ agent: '' }, 'Agent: choose one from the list'],
    [{ contacts: [{}] }, 'Contacts: map line items with phone numbers, or choose a CSV File; one of the two'],
    [{ contacts_file: 'phone_number\n+14155550100' }, 'one of the two'],
    [{ contacts: [{ phone_number: '12' }] }, 'Contacts: none of them can be called; the first one: '],
    [{ default_country: 'Atlantis' }, 'Default Country: choose one from the list'],
    [{ calls_at_once: 0 }, 'Calls at Once: enter a whole number from 1 to 100'],
    [{ calls_at_once: 99 }, 'cannot exceed organization limit'],
    [{ from: '09:00' }, 'Days: choose the days of these hours'],
    [{ days: ['0'], from: '9', until: '17:00' }, 'From: enter a time from 00:00 to 23:59, such as 09:00'],
    [{ days: ['0'], from: '17:00', until: '09:00' }, 'start_time must be before end_time'],
    [{ redial_attempts: 11 }, 'Attempts: enter a whole number from 1 to 10'],
    [{ redial_pause: 5 }, 'Attempts: enter how often each contact is called'],
    [{ redial_attempts: 2, redial_after: ['failed'] }, 'Redial After: choose one or more of busy'],
  ])('%j is refused in words, and creates nothing', async (changes, words) => {
    const failure = await failureOf(create([{ phone_number: nextNumber() }], changes));
    expect(failure.name).toBe('HaltedError');
    expect(failure.message).toContain(words);
    expect(await find({ name })).toEqual([]);
  });
});

describe('a list is called once, however its steps are replayed', () => {
  test('a replay of both steps goes on with the same campaign', async () => {
    const items = newItems(3);
    const created = await create(items);
    expect(await create([...items].reverse())).toEqual({ ...created, already_created: true });
    expect(await start(created.id)).toMatchObject({ state: 'running', is_changed: true });
    expect(await waitForEnd(created.id)).toMatchObject({
      state: 'completed',
      is_completed: true,
      contacts: 3,
      processed_contacts: 3,
      failed_contacts: 0,
      progress_percentage: 100,
    });
    const again = await create(items);
    expect(again).toMatchObject({ id: created.id, already_created: true });
    expect(await start(again.id)).toMatchObject({ state: 'completed', is_changed: false });
    expect(await dialsOf(items)).toEqual([1, 1, 1]);
  });

  test('a Zap that adds the same contacts a day later under the same name halts, and says what to do', async () => {
    const items = newItems(1);
    const { id } = await create(items);
    backdate(server.databaseFile, 24 * 60);
    const failure = await failureOf(create(items));
    expect(failure.name).toBe('HaltedError');
    expect(failure.message).toContain(`The campaign ${String(id)} has this name and these contacts since `);
    expect(failure.message).toContain('give the campaign another name');
    expect(await create(items, { name: `${name}, second round` })).toMatchObject({ already_created: false });
  });
});

test('Call Completed (Any Server) can be narrowed to the calls of one campaign', async () => {
  const items = newItems(2);
  const { id } = await create(items);
  const other = await create(newItems(1));
  for (const campaign of [id, other.id]) {
    await start(campaign);
    await waitForEnd(campaign);
  }
  backdate(server.databaseFile, 5);
  const calls = await runStep(recentCallsStep, server.bundleFor({ campaign: id }));
  const numbers = items.map(({ phone_number: number }) => number);
  expect(calls.map((call) => call.phone_number).sort()).toEqual(numbers);
});

test('a key that may only place calls is refused in words', async () => {
  const { api_key: key } = await server.api<{ api_key: string }>('POST', '/user/api-keys', {
    name: 'Calls only',
    scope: 'trigger',
  });
  const input = { name, agent: server.agent, contacts: newItems(1) };
  const failure = await failureOf(runStep(createCampaignStep, server.bundleFor(input, { key })));
  expect(failure).toMatchObject({ name: 'AppError', status: 403 });
  expect(failure.message).toContain('Whoever manages the API keys of your organization can make one');
});

describe('Start Campaign', () => {
  test('starts nothing when it is tested in the editor', async () => {
    const items = newItems(1);
    const { id } = await create(items);
    const bundle = server.bundleFor({ campaign: id });
    const tested = { ...bundle, meta: { ...bundle.meta, isLoadingSample: true } };
    expect(await runStep(startCampaignStep, tested)).toMatchObject({ state: 'created', is_changed: false });
    expect(await find({ campaign: id })).toMatchObject([{ state: 'created' }]);
  });

  test('leaves a paused campaign alone, unless it is to resume it', async () => {
    // Outside the hours of the campaign nobody is called, so it does not end meanwhile.
    const closed = { days: [String((new Date().getUTCDay() + 2) % 7)], from: '09:00', until: '09:01' };
    const { id } = await create(newItems(1), closed);
    const started = await start(id);
    expect(Object.keys(startCampaign.operation.sample ?? {})).toEqual(Object.keys(started));
    const paused = await pause(id);
    expect(paused).toMatchObject({ state: 'paused', is_changed: true });
    expect(Object.keys(pauseCampaign.operation.sample ?? {})).toEqual(Object.keys(paused));
    expect(await pause(id)).toMatchObject({ state: 'paused', is_changed: false });
    const failure = await failureOf(start(id));
    expect(failure).toMatchObject({ name: 'HaltedError' });
    expect(failure.message).toContain(
      'If It Is Paused: the campaign is paused, and nobody was called by this step',
    );
    expect(await find({ campaign: id })).toMatchObject([{ state: 'paused' }]);
    expect(await start(id, { if_paused: 'resume' })).toMatchObject({ state: 'running', is_changed: true });
    await pause(id);
  });

  test('whose reply is lost fails so that Zapier runs it again', async () => {
    const { id } = await create(newItems(1));
    const campaign = await server.api('GET', `/campaign/${String(id)}`);
    const losing = await startLocalServer(({ method }, response) => {
      if (method === 'GET') replyJson(response, 200, campaign);
      else breakConnection(response);
    });
    const failure = await failureOf(runStep(startCampaignStep, makeBundle(losing.url, { campaign: id })));
    await losing.close();
    expect(failure).toMatchObject({ name: 'AppError', code: 'outcome_unknown' });
    expect(failure.message).toContain('a campaign is started only once');
  });

  test.each(['', 'x', 999_999])('the campaign %j is refused', async (campaign) => {
    expect((await failureOf(start(campaign))).name).toMatch(/^(HaltedError|AppError)$/);
  });
});

describe('Find Campaign', () => {
  test('finds the newest campaign of a name, and one by its ID', async () => {
    const older = await create(newItems(1));
    const newer = await create(newItems(1));
    const [found] = await find({ name: ` ${name.toUpperCase()}` });
    expect(found).toMatchObject({ id: newer.id, name, progress_percentage: 0 });
    expect(Object.keys(findCampaign.operation.sample ?? {})).toEqual(Object.keys(found ?? {}));
    expect(await find({ campaign: older.id })).toMatchObject([{ id: older.id }]);
    const choices = await runStep(listCampaignsStep, server.bundleFor());
    expect(choices.slice(0, 2)).toEqual(
      [newer, older].map(({ id }) => ({ id: String(id), name: `${name} (number ${String(id)}, created)` })),
    );
  });

  test('no match is no error; a search without a name or an ID is refused', async () => {
    expect(await find({ name: 'Nobody has this' })).toEqual([]);
    expect(await find({ campaign: 999_999 })).toEqual([]);
    expect((await failureOf(find({ name: '' }))).message).toContain(
      'Campaign: choose one from the list, or enter a name',
    );
  });
});
