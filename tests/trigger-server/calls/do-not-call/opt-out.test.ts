/** A workflow records that the person called wants no further calls. */
import type { RecordedOutcome } from '@dograh-trigger/shared';
import { addNumbers } from '../../../../trigger-server/src/calls/policy/do-not-call/do-not-call';
import { readyToCall, type TestAgent } from '../../../support/agents';
import { startCall } from '../../../support/calls';
import { byKeyOf, entryPath, keyWithScope, listPath } from '../../../support/do-not-call';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

const phone_number = '+14155550142';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  ({ account, agent } = await readyToCall(server));
});

function record(runId: number, body: object, apiKey = account.apiKey) {
  return server.request
    .post(`/api/v1/workflow/${agent.id}/runs/${runId}/outcome`)
    .set(byKeyOf({ apiKey }))
    .send(body);
}

test.each([
  ['while the call is under way', 0],
  ['after the call has ended', 60_000],
])('%s, its number goes on the list, and the next call to it is refused', async (_when, milliseconds) => {
  const runId = await startCall(server, account, agent, { phone_number });
  await server.advance(milliseconds);
  const reply = await record(runId, { opt_out: true, reason: 'Said so' }).expect(200);
  expect(reply.body).toMatchObject({
    workflow_run_id: runId,
    opt_out: true,
    do_not_call: {
      number: phone_number,
      source: 'run',
      reason: 'Said so',
      until: null,
      is_active: true,
      run_id: runId,
    },
  } satisfies RecordedOutcome | object);
  const path = `/api/v1/public/agent/${agent.triggerPath}`;
  const call = await server.request.post(path).set(byKeyOf(account)).send({ phone_number }).expect(422);
  expect(call.body).toMatchObject({ code: 'do_not_call' });
  // A repeat of the workflow's step changes nothing.
  expect((await record(runId, { opt_out: true }).expect(200)).body).toEqual(reply.body);
});

test('nothing is recorded for a person who did not opt out', async () => {
  const runId = await startCall(server, account, agent, { phone_number });
  const reply = await record(runId, { opt_out: false }).expect(200);
  expect(reply.body).toEqual({ workflow_run_id: runId, opt_out: false, do_not_call: null });
  await server.request.get(entryPath(phone_number)).set(byKeyOf(account)).expect(404);
});

test('a key with the scope trigger records it for its own calls alone', async () => {
  const own = await keyWithScope(server, account, 'trigger');
  const runId = await startCall(server, { ...account, apiKey: own }, agent, { phone_number });
  await record(runId, { opt_out: true }, await keyWithScope(server, account, 'trigger')).expect(404);
  await record(runId, { opt_out: true }, own).expect(200);
});

test('an erased call has no number to add, and says so', async () => {
  const runId = await startCall(server, account, agent, { phone_number });
  await server.advance(60_000);
  await server.request.delete(`/api/v1/workflow/${agent.id}/runs/${runId}`).set(byKeyOf(account)).expect(200);
  const reply = await record(runId, { opt_out: true }).expect(409);
  expect((reply.body as { detail: string }).detail).toContain('erased');
  const list = await server.request.get(listPath).set(byKeyOf(account)).expect(200);
  expect(list.body).toEqual({ entries: [], next_after: null });
});

test('as plain Dograh the server has none of these routes, and still calls nobody on the list', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const caller = await readyToCall(plain);
    const key = byKeyOf(caller.account);
    const runId = await startCall(plain, caller.account, caller.agent, { phone_number });
    await plain.request.get(listPath).set(key).expect(404);
    await plain.request.put(entryPath(phone_number)).set(key).send({}).expect(404);
    await plain.request
      .post(`/api/v1/workflow/${caller.agent.id}/runs/${runId}/outcome`)
      .set(key)
      .send({ opt_out: true })
      .expect(404);
    await plain.storage.write((session) =>
      addNumbers(
        plain.services,
        session,
        caller.account.organizationId,
        [{ number: phone_number, source: 'earlier', reason: null, until: null, runId: null }],
        plain.clock.now(),
      ),
    );
    await plain.request
      .post(`/api/v1/public/agent/${caller.agent.triggerPath}`)
      .set(key)
      .send({ phone_number })
      .expect(422);
  } finally {
    await plain.close();
  }
});
