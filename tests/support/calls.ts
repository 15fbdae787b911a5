/** Starts calls and reads runs through the API. */
import type { Run } from '@dograh-trigger/shared';
import type { TestAgent } from './agents';
import type { Account, TestServer } from './test-server';

type Caller = Pick<TestServer, 'request'>;
type Key = Pick<Account, 'apiKey'>;

/** Triggers the published agent and returns the id of the run. */
export async function startCall(
  server: Caller,
  account: Key,
  agent: TestAgent,
  body: {
    phone_number: string;
    initial_context?: object;
    callback_url?: string;
    voicemail?: object;
    retry?: object;
  },
): Promise<number> {
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send(body)
    .expect(200);
  return (reply.body as { workflow_run_id: number }).workflow_run_id;
}

/** The run as the API returns it. */
export async function readRun(server: Caller, account: Key, runId: number): Promise<Run> {
  const run = await server.request
    .get(`/api/v1/workflow/0/runs/${String(runId)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return run.body as Run;
}

/** The number of runs of the organization, whatever their status. */
export async function countRuns(server: TestServer, account: Account): Promise<number> {
  const list = await server.request
    .get('/api/v1/organizations/usage/runs')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (list.body as { total_count: number }).total_count;
}
