/** The slots of an organization: a counter, changed by every beginning and end of a run. */
import fc from 'fast-check';
import { correctSlots } from '../../../../trigger-server/src/calls/slots/slot-check';
import { listMiscounts } from '../../../../trigger-server/src/calls/slots/miscounts';
import { readyToCall, type TestAgent } from '../../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

const limit = 5;
/** Numbers of the sandbox: refused, busy, not answered, failed, canceled, a machine, answered late, answered. */
const numbers = ['01', '11', '12', '13', '14', '15', '16', '99'].map((end) => `+150055500${end}`);

let server: TestServer;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: String(limit) });
  ({ account, agent } = await readyToCall(server));
});
afterEach(() => server.close());

const place = (phoneNumber: string, key?: string) => {
  const request = server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey);
  return (key === undefined ? request : request.set('Idempotency-Key', key)).send({
    phone_number: phoneNumber,
  });
};

async function cancel(runId: number): Promise<void> {
  await server.request
    .post(`/api/v1/workflow/${agent.id}/runs/${runId}/cancel`)
    .set('X-API-Key', account.apiKey);
}

async function openCalls(): Promise<{ counter: number; open: number }> {
  const { read } = server.storage;
  const counted = await read.run(
    read.builder
      .selectFrom('organizations')
      .select('open_run_count as counter')
      .where('id', '=', account.organizationId)
      .compile(),
  );
  const runs = await read.run(
    read.builder
      .selectFrom('runs')
      .select('id')
      .where('organization_id', '=', account.organizationId)
      .where('completed_at', 'is', null)
      .compile(),
  );
  return { counter: Number(counted.rows[0]?.counter), open: runs.rows.length };
}

async function setCounter(value: number): Promise<void> {
  await server.storage.write((session) =>
    session.run(
      session.builder
        .updateTable('organizations')
        .set({ open_run_count: value })
        .where('id', '=', account.organizationId)
        .compile(),
    ),
  );
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('place' as const),
    numbers: fc.array(fc.constantFrom(...numbers), { minLength: 1, maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant('wait' as const), steps: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('cancel' as const), nth: fc.nat(20) }),
);

test('however calls begin and end, the counter is the number of open calls and never passes the limit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const runIds: number[] = [];
      for (const next of steps) {
        if (next.kind === 'place') {
          const replies = await Promise.all(next.numbers.map((number) => place(number)));
          const placed = replies.filter(({ status }) => status === 200);
          runIds.push(...placed.map(({ body }) => (body as { workflow_run_id: number }).workflow_run_id));
        } else if (next.kind === 'wait') await server.advance(next.steps * 300);
        else if (runIds.length > 0) await cancel(runIds[next.nth % runIds.length] ?? 0);
        const { counter, open } = await openCalls();
        expect(counter).toBe(open);
        expect(open).toBeLessThanOrEqual(limit);
      }
      await server.advance(80 * 300);
      expect(await openCalls()).toEqual({ counter: 0, open: 0 });
    }),
    { numRuns: 12 },
  );
});

test('of calls that arrive together, as many are placed as there are slots, and the others are refused', async () => {
  const replies = await Promise.all(Array.from({ length: 3 * limit }, () => place('+15005550016')));
  expect(replies.map(({ status }) => status).sort()).toEqual([
    ...Array.from({ length: limit }, () => 200),
    ...Array.from({ length: 2 * limit }, () => 429),
  ]);
});

test('a repeat that arrives together with its first request takes no slot, and the calls beside it are placed', async () => {
  const keys = ['a', 'a', 'b', 'a', 'c'];
  const replies = await Promise.all(keys.map((key) => place('+15005550016', key)));
  // A repeat while its first request is under way is 409, afterwards 200.
  expect(replies.filter(({ status }) => status === 200 || status === 409)).toHaveLength(keys.length);
  expect(await openCalls()).toEqual({ counter: 3, open: 3 });
});

test('a wrong counter is corrected, with a line in the log', async () => {
  await place('+15005550016').expect(200);
  for (const wrong of [0, limit]) {
    await setCounter(wrong);
    await correctSlots(server.services);
    expect(await openCalls()).toEqual({ counter: 1, open: 1 });
    expect(server.logLines.at(-1)).toContain('was wrong and was corrected');
  }
  expect(await listMiscounts(server.storage.read)).toEqual([]);
});
