/** The file of a campaign: it is sent once, within its bounds, and read while it arrives. */
import { askForUpload, sendFile, uploadContacts } from '../../../../support/campaigns';
import { startTestServer, type Account, type TestServer } from '../../../../support/test-server';
import { deleteUnusedFiles } from '../../../../../trigger-server/src/calls/campaigns/source/upload';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

/** How many rows of all files have this number. */
async function rowsWith(number: string): Promise<number> {
  const { read } = server.storage;
  const rows = read.builder.selectFrom('campaign_rows').select('line').where('called_number', '=', number);
  return (await read.run(rows.compile())).rows.length;
}

const day = 24 * 60 * 60_000;

test('the reply to a file says which rows are called, and why the others are not', async () => {
  const csv = [
    '\uFEFFName;Phone_Number',
    'Jane;+1 (415) 555-0100',
    '"Bob\nBy the lake";\'+14155550101',
    'Nobody;',
    'Jane again;0014155550100',
  ].join('\r\n');
  expect(await uploadContacts(server, account, csv)).toEqual({
    file_key: expect.stringMatching(/^campaigns\/\d+\/[0-9a-f-]{36}_contacts\.csv$/) as string,
    total_rows: 2,
    skipped_rows: 2,
    skipped: [
      { line: 5, code: 'no_number', detail: 'The row has no phone number.' },
      { line: 6, code: 'repeated_number', detail: 'The row has the phone number of line 2.' },
    ],
  });
});

test('an upload URL takes one file', async () => {
  const upload = await askForUpload(server, account);
  expect(upload.expires_in).toBe(900);
  await sendFile(server, upload, 'phone_number\n+14155550100\n').expect(200);
  await sendFile(server, upload, 'phone_number\n+14155550101\n').expect(404);
});

test('an upload URL of the past, or with another signature, takes none', async () => {
  const upload = await askForUpload(server, account);
  const token = upload.upload_url.split('/').at(-1) ?? '';
  const forged = { upload_url: upload.upload_url.replace(token, token.replace(/^.{10}/, 'AAAAAAAAAA')) };
  await sendFile(server, forged, 'phone_number\n+14155550100\n').expect(404);
  await server.advance(900_000);
  await sendFile(server, upload, 'phone_number\n+14155550100\n').expect(404);
});

test('a file that is longer than announced is refused, and leaves nothing behind', async () => {
  const csv = 'phone_number\n+14155550177\n';
  const upload = await askForUpload(server, account, csv.length - 1);
  await sendFile(server, upload, csv).expect(413);
  expect(await rowsWith('+14155550177')).toBe(0);
});

test.each([
  ['without rows', 'phone_number\n', 'CSV file must have a header row and at least one data row'],
  ['without the column of numbers', 'phone\n+14155550100\n', "Source must contain a 'phone_number' column"],
  [
    'with a quotation mark that is never closed',
    'phone_number\n"+14155550188\n',
    'Line 2 of the file cannot be read',
  ],
  ['that is not in UTF-8', Buffer.from('phone_number\nJos\xe9', 'latin1'), 'The file is not in UTF-8'],
])('a file %s is refused in words', async (_what, csv, words) => {
  const upload = await askForUpload(server, account);
  const reply = await sendFile(server, upload, csv).expect(400);
  expect((reply.body as { detail: string }).detail).toContain(words);
});

test('a file that no campaign has is deleted after a day', async () => {
  await uploadContacts(server, account, 'phone_number\n+14155550166\n');
  await server.advance(day - 1000);
  await deleteUnusedFiles(server.services);
  expect(await rowsWith('+14155550166')).toBe(1);
  await server.advance(1000);
  await deleteUnusedFiles(server.services);
  expect(await rowsWith('+14155550166')).toBe(0);
});

test('20,000 rows are read in turns of at most 100, between which everything else goes on', async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => `+1415${String(2_000_000 + index)},Jane Doe`);
  const csv = `phone_number,name\n${rows.join('\n')}\n`;
  const upload = await askForUpload(server, account);
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const reply = await sendFile(server, upload, csv).expect(200);
  isOver = true;
  expect(reply.body).toMatchObject({ total_rows: 20_000 });
  expect(turns).toBeGreaterThanOrEqual(200);
}, 60_000);
