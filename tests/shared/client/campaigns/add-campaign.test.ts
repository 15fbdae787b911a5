/** Campaigns are made of lists once, with the real server and with a Dograh that keeps files elsewhere. */
import { sha256Hex, writeContactList, type Campaign, type TriggerClient } from '@dograh-trigger/shared';
import { axiosTransport } from '@dograh-trigger/shared/axios';
import { readyToCall, type TestAgent } from '../../../support/agents';
import { clientFor, contactNumbers, uploadWithoutKey } from '../../../support/campaigns';
import { rejectionOf } from '../../../support/caught';
import { startDograhWithStorage, type DograhWithStorage } from '../../../support/dograh-campaigns';
import { broken, json, scriptedClient } from '../../../support/scripted-client';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

function listOf(count: number): string {
  return writeContactList(contactNumbers(count).map((phoneNumber, at) => ({ phoneNumber, values: { at } })))
    .csv;
}

describe('with the bundled server', () => {
  let server: TestServer;
  let account: Account;
  let agent: TestAgent;
  let client: TriggerClient;
  beforeEach(async () => {
    server = await startTestServer();
    ({ account, agent } = await readyToCall(server));
    client = clientFor(server.baseUrl, account.apiKey);
  });
  afterEach(() => server.close());

  const add = (csv: string, name = 'Reminders', more = {}) =>
    client.addCampaign(
      { settings: { name, workflow_id: agent.id, ...more }, csv },
      uploadWithoutKey,
      sha256Hex,
    );

  async function campaigns(): Promise<Campaign[]> {
    const reply = await server.request.get('/api/v1/campaign/').set('X-API-Key', account.apiKey).expect(200);
    return (reply.body as { campaigns: Campaign[] }).campaigns;
  }

  test('a list becomes a campaign with its settings, which calls nobody', async () => {
    const settings = { max_concurrency: 1, retry_config: { max_retries: 0 } };
    const added = await add(listOf(3), 'May', settings);
    expect(added).toMatchObject({
      alreadyAdded: false,
      campaign: { name: 'May', state: 'created', workflow_id: agent.id, total_rows: 3, skipped_rows: 0 },
    });
    expect(await campaigns()).toMatchObject([
      { id: added.campaign.id, max_concurrency: 1, retry_config: { max_retries: 0 } },
    ]);
  });

  test('the same list is added once, also with its rows in another order', async () => {
    const first = await add(listOf(3));
    const [header = '', ...rows] = listOf(3).trimEnd().split('\r\n');
    const turned = [header, ...rows.reverse()].join('\r\n') + '\r\n';
    expect(await add(turned)).toEqual({ campaign: first.campaign, alreadyAdded: true });
    expect(await campaigns()).toHaveLength(1);
  });

  test.each([
    ['another list', () => add(listOf(2))],
    ['another name', () => add(listOf(3), 'June')],
  ])('%s is another campaign', async (_, addOther) => {
    const first = await add(listOf(3));
    const other = await addOther();
    expect(other.alreadyAdded).toBe(false);
    expect(other.campaign.id).not.toBe(first.campaign.id);
  });

  test('of two requests at the same time both return the same campaign', async () => {
    const added = await Promise.all([add(listOf(3)), add(listOf(3)), add(listOf(3))]);
    const ids = new Set(added.map(({ campaign }) => campaign.id));
    expect(ids.size).toBe(1);
    expect(added.filter(({ alreadyAdded }) => !alreadyAdded)).toHaveLength(1);
  });

  test('rows that the server skips come with their reason', async () => {
    const { campaign } = await add('phone_number\n+14155550100\n+1415555\n\n+14155550100\n');
    expect(campaign).toMatchObject({
      total_rows: 1,
      skipped_rows: 2,
      skipped: [
        { line: 3, code: 'invalid_number' },
        { line: 5, code: 'repeated_number' },
      ],
    });
  });

  test.each([
    ['phone_number\n12\n', 'No contact of the list can be called. The first one: '],
    ['name\nJane\n', "Source must contain a 'phone_number' column"],
  ])('a list that calls nobody is refused in the server’s words: %j', async (csv, words) => {
    const failure = await rejectionOf(add(csv));
    expect(failure).toMatchObject({ code: 'invalid_input' });
    expect(failure.message).toContain(words);
    expect(await campaigns()).toEqual([]);
  });

  test('a list that is too long is refused before anything is sent', async () => {
    const { client: idle, requests } = scriptedClient([]);
    const csv = `phone_number\n${'+14155550100\n'.repeat(900_000)}`;
    const order = { settings: { name: 'Long', workflow_id: 1 }, csv };
    const failure = await rejectionOf(idle.addCampaign(order, uploadWithoutKey, sha256Hex));
    expect(failure).toMatchObject({ code: 'invalid_input' });
    expect(failure.message).toBe(
      'The list has 11.2 MB, and a campaign takes 10.0: make several campaigns of it.',
    );
    expect(requests).toEqual([]);
  });

  test('a request whose answer was lost is not repeated by itself, and finds its campaign at the next try', async () => {
    const send = axiosTransport({ apiKey: account.apiKey });
    let losses = 1;
    client = clientFor(server.baseUrl, account.apiKey, async (request) => {
      const reply = await send(request);
      if (!request.url.endsWith('/campaign/create') || losses === 0) return reply;
      losses -= 1;
      throw broken('ECONNRESET');
    });
    expect(await rejectionOf(add(listOf(2)))).toMatchObject({ code: 'unreachable' });
    expect(await add(listOf(2))).toMatchObject({ alreadyAdded: true });
    expect(await campaigns()).toHaveLength(1);
  });
});

describe('with Dograh', () => {
  let dograh: DograhWithStorage;
  let client: TriggerClient;
  beforeEach(async () => {
    dograh = await startDograhWithStorage();
    client = clientFor(dograh.api.url, 'dgr_secret');
  });
  afterEach(() => dograh.close());

  const add = () =>
    client.addCampaign(
      { settings: { name: 'May', workflow_id: 7 }, csv: listOf(2) },
      uploadWithoutKey,
      sha256Hex,
    );

  test('the file goes to the storage as text/csv without the key, and makes one campaign', async () => {
    expect(await add()).toMatchObject({ alreadyAdded: false, campaign: { id: 1, total_rows: null } });
    expect(await add()).toMatchObject({ alreadyAdded: true, campaign: { id: 1 } });
    expect(dograh.storage.requests).toHaveLength(1);
    expect(dograh.storage.requests).toMatchObject([
      { method: 'PUT', headers: { 'content-type': 'text/csv' }, body: Buffer.from(listOf(2)) },
    ]);
    expect(JSON.stringify(dograh.storage.requests[0]?.headers)).not.toContain('dgr_secret');
  });

  test('a storage that refuses the file, or is away, makes no campaign', async () => {
    dograh.storageStatus = 403;
    const refused = await rejectionOf(add());
    expect(refused).toMatchObject({ code: 'server', status: 403 });
    expect(refused.message).toContain('the storage of the server answered 403');
    await dograh.storage.close();
    const away = await rejectionOf(add());
    expect(away.message).toContain('the storage of the server cannot be reached');
    // The query of an upload URL is the permission to upload.
    expect(`${String(away.exchange)} ${away.message}`).not.toContain('c0ffee');
    expect(dograh.api.requests.filter(({ url }) => url.endsWith('/create'))).toEqual([]);
  });
});

test('contacts are not sent unencrypted to a public address', async () => {
  const { client } = scriptedClient([
    json(200, { campaigns: [] }),
    json(200, { upload_url: 'http://storage.example.com/x', file_key: 'k', expires_in: 900 }),
  ]);
  const failure = await rejectionOf(
    client.addCampaign(
      { settings: { name: 'May', workflow_id: 7 }, csv: listOf(1) },
      () => {
        throw new Error('sent');
      },
      sha256Hex,
    ),
  );
  expect(failure.message).toContain('at an address that is not encrypted');
});
