import type { AgentVersion, Run } from '@dograh-trigger/shared';
import {
  versionInWords,
  versionOfCall,
  type VersionOfAgent,
} from '../../trigger-server/console/src/api/call-version';
import { readyToCall, type TestAgent } from '../support/agents';
import { readRun } from '../support/calls';
import { startTestServer, type Account, type TestServer } from '../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

const withKey = (request: ReturnType<TestServer['request']['get']>) =>
  request.set('X-API-Key', account.apiKey).expect(200);

async function callByTestUrl(): Promise<Run> {
  const reply = await withKey(
    server.request
      .post(`/api/v1/public/agent/test/${agent.triggerPath}`)
      .send({ phone_number: '+14155550100' }),
  );
  return readRun(server, account, (reply.body as { workflow_run_id: number }).workflow_run_id);
}

async function currentVersions(): Promise<VersionOfAgent[]> {
  const reply = await withKey(server.request.get(`/api/v1/workflow/${String(agent.id)}/versions?limit=2`));
  return reply.body as AgentVersion[];
}

const words = async (run: Run) => versionInWords(versionOfCall(run, await currentVersions()));

async function editAndPublish(): Promise<void> {
  await edit();
  await withKey(server.request.post(`/api/v1/workflow/${String(agent.id)}/publish`));
}

const edit = () =>
  withKey(
    server.request
      .put(`/api/v1/workflow/${String(agent.id)}`)
      .send({ template_context_variables: { day: 'Monday' } }),
  );

test('a call by the test URL is one of the draft only where there is a draft, and keeps its version', async () => {
  const before = await callByTestUrl();
  expect(await words(before)).toBe('1, in production');
  await edit();
  const ofDraft = await callByTestUrl();
  expect([await words(before), await words(ofDraft)]).toEqual(['1, in production', '2, the draft']);
  await editAndPublish();
  expect([await words(before), await words(ofDraft)]).toEqual([
    'no longer in production',
    '2, in production',
  ]);
});
