/** The CSV file of a campaign: where it comes from, where it is sent, and who gets the API key. */
import type { ServerResponse } from 'node:http';
import { createCampaignStep } from '../../zapier-app/src/creates/create-campaign';
import { startDograhWithStorage } from '../support/dograh-campaigns';
import { startLocalServer, type LocalServer } from '../support/local-server';
import { failureOf, makeBundle, runStep } from '../support/zapier';
import { nextNumber, startZapierServer, type ZapierServer } from '../support/zapier-server';

let server: ZapierServer;
let files: LocalServer;
let answer: (response: ServerResponse) => void;
let name: string;
let names = 0;

beforeAll(async () => {
  server = await startZapierServer();
  files = await startLocalServer((_, response) => {
    answer(response);
  });
});
afterAll(async () => {
  await Promise.all([files.close(), server.stop()]);
});
beforeEach(() => {
  names += 1;
  name = `List ${String(names)}`;
});

function create(file: string) {
  const input = { name, agent: server.agent, contacts_file: file };
  return runStep(createCampaignStep, server.bundleFor(input));
}

function serve(content: string | Buffer): void {
  answer = (response) => response.writeHead(200, { 'content-type': 'text/csv' }).end(content);
}

async function listed() {
  const campaigns = await server.client.listCampaigns();
  return campaigns.filter((campaign) => campaign.name === name);
}

test('a file is read from its address, without the API key, and the skipped rows have its lines', async () => {
  serve(`\uFEFFphone_number;first_name\r\n${nextNumber()};Jane\r\n12;Jim\r\n`);
  expect(await create(`${files.url}/contacts.csv?signature=s`)).toMatchObject({
    contacts: 1,
    skipped_contacts: 1,
    skipped: [{ row: 3, code: 'invalid_number' }],
  });
  const [request] = files.requests;
  expect(request?.url).toBe('/contacts.csv?signature=s');
  expect(request?.headers).not.toHaveProperty('x-api-key');
});

test('the text of a file may be mapped as well', async () => {
  expect(await create(`phone_number\n${nextNumber()}\n`)).toMatchObject({ contacts: 1, skipped: [] });
});

test.each([
  ['has no column of numbers', 'phone,name\n+14155550100,Jane\n', "must contain a 'phone_number' column"],
  [
    'is not in UTF-8',
    Buffer.from('phone_number,name\n+14155550100,M\xfcller\n', 'latin1'),
    'save it as CSV UTF-8',
  ],
  ['has no contact that can be called', 'phone_number\n12\n', 'No contact of the list can be called'],
  ['is longer than 10 MB', Buffer.alloc(10_485_761, 'a'), 'The file has more than 10 MB.'],
])('a file that %s is refused in words, and creates nothing', async (_, content, words) => {
  serve(content);
  const failure = await failureOf(create(`${files.url}/contacts.csv`));
  expect(failure.name).toBe('HaltedError');
  expect(failure.message).toContain(words);
  expect(await listed()).toEqual([]);
});

test('of an endless file no more than 10 MB are read', async () => {
  const part = Buffer.alloc(1_048_576, 'a');
  const closed = new Promise((resolve) => {
    answer = (response) => {
      response.once('close', resolve);
      const send = () => {
        while (response.write(part));
        response.once('drain', send);
      };
      send();
    };
  });
  expect((await failureOf(create(`${files.url}/contacts.csv`))).message).toContain('more than 10 MB');
  await closed;
});

test('a file that is not there is refused, without its address', async () => {
  answer = (response) => response.writeHead(404).end();
  const { message } = await failureOf(create(`${files.url}/contacts.csv?signature=secret`));
  expect(message).toContain('The file cannot be downloaded: its server answered 404');
  expect(message).not.toContain('secret');
});

test('on Dograh the contacts go to its storage without the API key', async () => {
  const agent = { id: 7, name: 'Agent', status: 'active', workflow_uuid: 'an-agent' };
  const dograh = await startDograhWithStorage([{ ...agent, created_at: '2026-11-23T09:00:00Z' }]);
  try {
    const input = { name, agent: '7', contacts: [{ phone_number: nextNumber() }] };
    const created = await runStep(createCampaignStep, makeBundle(dograh.api.url, input));
    expect(created).toMatchObject({
      id: 1,
      state: 'created',
      contacts: null,
      skipped_contacts: 0,
      skipped: [],
    });
    const [upload] = dograh.storage.requests;
    expect(upload?.method).toBe('PUT');
    expect(upload?.headers).toMatchObject({ 'content-type': 'text/csv' });
    expect(upload?.headers).not.toHaveProperty('x-api-key');
    expect(upload?.body.toString()).toMatch(/^"phone_number"\r\n"\+\d+"\r\n$/);
  } finally {
    await dograh.close();
  }
});
