/** What the texts of an agent need of the contacts of a campaign. */
import type { Campaign } from '@dograh-trigger/shared';
import { createAgent, createSandbox, definitionWith } from '../../../support/agents';
import { uploadContacts } from '../../../support/campaigns';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
  await createSandbox(server, account);
});
afterAll(() => server.close());

async function create(greeting: string, csv: string) {
  const agent = await createAgent(server, account, definitionWith({ greeting }));
  const { file_key: source_id } = await uploadContacts(server, account, csv);
  return server.request
    .post('/api/v1/campaign/create')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'List', workflow_id: agent.id, source_type: 'csv', source_id });
}

const numberOf = (row: number) => `+1415555${String(1000 + row)}`;

test('a contact without a value that the greeting needs is refused, with its line in the words of Dograh', async () => {
  const rows = ['Ann', '', 'Cem', ' '].map((name, row) => `${numberOf(row)},${name}`);
  const reply = await create('Hello {{first_name}}', ['phone_number,First_Name', ...rows].join('\n'));
  expect([reply.status, reply.body]).toEqual([
    400,
    {
      detail:
        "Template variable 'first_name' is empty in rows: 3, 5. All template variables used in the workflow must have values in every row.",
      code: 'bad_request',
    },
  ]);
});

test('of many such contacts five are named, also beyond the rows that are read at once', async () => {
  const rows = Array.from({ length: 1203 }, (_, row) => `${numberOf(row)},${row < 1193 ? 'Ann' : ''}`);
  const reply = await create('Hello {{first_name}}', ['phone_number,first_name', ...rows].join('\n'));
  expect(reply.body).toMatchObject({
    detail: expect.stringContaining('in rows: 1195, 1196, 1197, 1198, 1199 and 5 more.') as string,
  });
});

test.each([
  ['with a fallback', 'Hello {{first_name | there}}', 'first_name'],
  ['that no text needs', 'Hello', 'first_name'],
])('a column %s may be empty', async (_title, greeting, column) => {
  const reply = await create(greeting, `phone_number,${column}\n+14155550100,`);
  expect(reply.status).toBe(200);
  expect(reply.body as Campaign).toMatchObject({ state: 'created', total_rows: 1 });
});

test('a row that is not called needs no value', async () => {
  const reply = await create(
    'Hello {{first_name}}',
    'phone_number,first_name\n+14155550100,Ann\nnobody,\n+14155550100,',
  );
  expect(reply.body).toMatchObject({ total_rows: 1, skipped_rows: 2 });
});
