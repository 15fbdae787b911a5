/** For any JSON body, the trigger route answers with a documented status and loses no run. */
import fc from 'fast-check';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '100000' });
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

function post(body: string) {
  return fetch(`${server.baseUrl}/api/v1/public/agent/${agent.triggerPath}`, {
    method: 'POST',
    headers: { 'X-API-Key': account.apiKey, 'Content-Type': 'application/json' },
    body,
  });
}

/** The value of `__proto__` would not reach the run, so the name is refused at any depth. */
function hasLostName(json: string): boolean {
  let has = false;
  JSON.parse(json, (name, value: unknown) => {
    has ||= name === '__proto__';
    return value;
  });
  return has;
}

test('any context comes back from the run as it was sent, or is refused for a name whose value would be lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ depthSize: 'medium' })),
      async (context) => {
        const sent = Object.fromEntries(
          Object.entries(context).map(([key, value]) => [`mine_${key}`, value]),
        );
        const reply = await post(JSON.stringify({ phone_number: '+14155550100', initial_context: sent }));
        const isRefused = hasLostName(JSON.stringify(sent));
        expect(reply.status).toBe(isRefused ? 422 : 200);
        if (isRefused) return;
        const { workflow_run_id: runId } = (await reply.json()) as { workflow_run_id: number };
        const run = await server.request
          .get(`/api/v1/workflow/0/runs/${String(runId)}`)
          .set('X-API-Key', account.apiKey)
          .expect(200);
        const stored = (run.body as { initial_context: Record<string, unknown> }).initial_context;
        const mine = Object.fromEntries(Object.entries(stored).filter(([key]) => key.startsWith('mine_')));
        // The values are converted to JSON and back, as in a request (-0 becomes 0).
        expect(JSON.stringify(mine)).toBe(JSON.stringify(JSON.parse(JSON.stringify(sent))));
      },
    ),
    { numRuns: 60, examples: [[{ deep: [{ ['__proto__']: null }] }]] },
  );
});

test('any body at all is answered with 200 or 422 and JSON', async () => {
  const anything = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string(),
    fc
      .record(
        {
          phone_number: fc.oneof(
            fc.string({ unit: 'grapheme' }),
            fc.constant('+14155550100'),
            fc.jsonValue(),
          ),
          initial_context: fc.jsonValue(),
          telephony_configuration_id: fc.jsonValue(),
          from_phone_number_id: fc.oneof(fc.integer(), fc.string()),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (body) => {
      const reply = await post(body);
      expect([200, 400, 404, 422]).toContain(reply.status);
      expect(await reply.json()).toEqual(expect.any(Object));
    }),
    { numRuns: 150 },
  );
});
