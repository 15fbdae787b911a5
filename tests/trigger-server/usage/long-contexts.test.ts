/** A page of a list has a limit in bytes: long contexts are left out and named. They can be read with their run. */
import { TriggerClient, type Run, type UsagePage } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
afterEach(() => server.close());

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer(environment);
  ({ account, agent } = await readyToCall(server));
}

/** A call with a context of about this many bytes. */
function callWith(bytes: number): Promise<number> {
  const initial_context = { user: { name: 'Jane' }, notes: 'x'.repeat(bytes) };
  return startCall(server, account, agent, { phone_number: '+14155550100', initial_context });
}

const lists = () => ['organizations/usage/runs', `workflow/${String(agent.id)}/runs`];
const sorts = [
  '',
  '?sort_by=duration',
  `?filters=${JSON.stringify([{ attribute: 'duration', type: 'numberRange', value: { min: 0 } }])}`,
];

async function list(path: string): Promise<{ runs: Run[]; bytes: number }> {
  const reply = await server.request.get(`/api/v1/${path}`).set('X-API-Key', account.apiKey).expect(200);
  return { runs: (reply.body as { runs: Run[] }).runs, bytes: Buffer.byteLength(reply.text) };
}

test('a page of a hundred runs of a megabyte each has less than 1 MB', async () => {
  await start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1000', SANDBOX_STEP_MS: '0' });
  const first = await callWith(1_000_000);
  await server.services.storage.write(async (session) => {
    const { rows } = await session.run(
      session.builder.selectFrom('runs').selectAll().where('id', '=', first).compile(),
    );
    for (let copy = 1; copy < 100; copy += 1) {
      const values = { ...rows[0]!, id: first + copy };
      await session.run(session.builder.insertInto('runs').values(values).compile());
    }
    for (const table of ['agents', 'organizations'] as const) {
      await session.run(session.builder.updateTable(table).set({ run_count: 100 }).compile());
    }
  });
  for (const path of lists()) {
    for (const sort of sorts.slice(0, 2)) {
      const { runs, bytes } = await list(`${path}${sort}${sort === '' ? '?' : '&'}limit=100`);
      expect(runs).toHaveLength(100);
      expect(bytes).toBeLessThan(1_000_000);
    }
  }
});

test('a row names a long context that it leaves out, and the run has it; a short one is in both', async () => {
  await start();
  const [long, short] = [await callWith(40_000), await callWith(20_000)];
  await server.advance(900);
  for (const path of lists()) {
    for (const sort of sorts) {
      const rows = new Map((await list(`${path}${sort}`)).runs.map((row) => [row.id, row]));
      expect(rows.get(long)).toMatchObject({
        initial_context: {},
        omitted_fields: ['initial_context'],
        // The gathered context is still there.
        gathered_context: { call_disposition: 'end_call_tool', provider: 'sandbox' },
      });
      expect(rows.get(short)).not.toHaveProperty('omitted_fields');
      expect(rows.get(short)?.initial_context).toMatchObject({ user: { name: 'Jane' } });
    }
  }
  const run = await readRun(server, account, long);
  expect(run).not.toHaveProperty('omitted_fields');
  expect(run.initial_context?.notes).toHaveLength(40_000);
});

test('the client returns every call of a list with its whole context', async () => {
  await start();
  const [long, short] = [await callWith(40_000), await callWith(10)];
  const client = new TriggerClient(axiosTransport({ apiKey: account.apiKey }), {
    baseUrl: server.baseUrl,
    sleep,
  });
  const { runs } = await client.listCalls();
  expect(runs.map(({ id }) => id)).toEqual([short, long]);
  for (const run of runs) {
    expect(run).not.toHaveProperty('omitted_fields');
    expect(run.initial_context?.notes).toHaveLength(run.id === long ? 40_000 : 10);
  }
});

test('plain Dograh lists every context whole', async () => {
  await start({ EXTENSIONS: '' });
  await callWith(40_000);
  for (const path of lists()) {
    const [row] = (await list(path)).runs as (Run & UsagePage['runs'][number])[];
    expect(row).not.toHaveProperty('omitted_fields');
    expect(row?.initial_context?.notes).toHaveLength(40_000);
  }
});
