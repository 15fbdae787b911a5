import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { triggerPath, wireRequest, type TriggerReply } from '@dograh-trigger/shared';
import { curlOf, sameCall } from '../../trigger-server/console/src/api/repeat-call';
import { readyToCall, type TestAgent } from '../support/agents';
import { readRun, startCall } from '../support/calls';
import { startTestServer, type Account, type TestServer } from '../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;

beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

const context = { user: { name: "O'Hara $(id) `id` \\" }, note: '' };

async function callOnce() {
  const runId = await startCall(server, account, agent, {
    phone_number: '+14155550100',
    initial_context: context,
  });
  return readRun(server, account, runId);
}

it('places the same call again, with the variables of the caller alone', async () => {
  const run = await callOnce();
  const call = sameCall(run, { agentUuid: agent.uuid }, 'production')!;
  expect(call.initialContext).toEqual(context);
  const placed = await server.request
    .post(`/api/v1${triggerPath(call.target, call.environment)}`)
    .set('X-API-Key', account.apiKey)
    .send(wireRequest(call))
    .expect(200);
  expect(placed.headers['ignored-fields']).toBeUndefined();
  const again = await readRun(server, account, (placed.body as TriggerReply).workflow_run_id);
  expect(again).toMatchObject({
    workflow_id: run.workflow_id,
    mode: run.mode,
    definition_id: run.definition_id,
    initial_context: { ...context, called_number: '+14155550100', trigger_mode: 'production' },
  });
});

it('writes a curl command that a shell passes on unchanged', async () => {
  const curl = curlOf(await callOnce(), 'http://127.0.0.1:8000');
  // `printf` in place of curl prints what curl would get.
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', curl!.replace(/^curl/, String.raw`printf '%s\n'`)],
    {
      env: { ...process.env, DOGRAH_API_KEY: 'the key' },
    },
  );
  const [, , address, , key, , type, , ...body] = stdout.split('\n');
  expect(address).toBe(`http://127.0.0.1:8000/api/v1/public/agent/${agent.triggerPath}`);
  expect([key, type]).toEqual(['X-API-Key: the key', 'Content-Type: application/json']);
  expect(JSON.parse(body.join('\n'))).toMatchObject({
    phone_number: '+14155550100',
    initial_context: context,
  });
});

it('says that a call cannot be repeated when its run does not say whom it called', async () => {
  const run = { ...(await callOnce()), initial_context: {} };
  expect(sameCall(run, { agentUuid: agent.uuid }, 'production')).toBeNull();
  expect(curlOf(run, 'http://127.0.0.1:8000')).toBeNull();
});
