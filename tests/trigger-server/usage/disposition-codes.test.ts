import { rememberDisposition } from '../../../trigger-server/src/usage/dispositions';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startCall } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

async function codes(caller: Account): Promise<{ codes: string[]; end_task_reason_codes: string[] }> {
  const reply = await server.request
    .get('/api/v1/organizations/disposition-codes')
    .set('X-API-Key', caller.apiKey)
    .expect(200);
  return reply.body as { codes: string[]; end_task_reason_codes: string[] };
}

async function endWith(disposition: string): Promise<void> {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await server.services.storage.write((session) => rememberDisposition(session, runId, disposition));
}

test('Dograh’s codes, those of calls that never connected, then the organization’s own, sorted and once', async () => {
  for (const disposition of ['sold', 'call back', 'sold', 'user_hangup']) await endWith(disposition);
  const { codes: all, end_task_reason_codes: reasons } = await codes(account);
  expect(reasons).toEqual([
    ...['call_duration_exceeded', 'call_transferred', 'end_call_tool', 'voicemail_detected'],
    ...['user_idle_max_duration_exceeded', 'user_hangup', 'user_qualified', 'user_disqualified'],
    ...['system_cancelled', 'system_connect_error', 'unexpected_error', 'unknown', 'transfer_call'],
    ...['transfer_call_failed', 'pipeline_error'],
  ]);
  expect(all).toEqual([
    ...reasons,
    ...['busy', 'no-answer', 'canceled', 'failed', 'error', 'expired'],
    ...['call back', 'sold'],
  ]);
});

test('the codes of other organizations are not shown', async () => {
  const other = await readyToCall(server);
  const shown = (await codes(other.account)).codes;
  expect(shown).not.toContain('sold');
  expect(shown).toContain('user_hangup');
});
