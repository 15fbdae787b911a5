/** A conversation on PostgreSQL: when the process that held it is killed, the other one goes on, turn by turn. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '@dograh-trigger/shared';
import { startEchoingModel, type EchoingModel } from '../../support/echoing-model';
import { printedRequest } from '../../support/printed-request';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { usualSecretsKey } from '../../support/test-server';
import { until } from '../until';
import { startPostgres, unsafeSettings, type PostgresServer } from './server';
import { utterances } from '../../support/utterances';

const apiKey = `dgr_${'t'.repeat(43)}`;
let postgres: PostgresServer;
let model: EchoingModel;

beforeAll(async () => {
  postgres = await startPostgres(unsafeSettings);
  model = await startEchoingModel();
}, 600_000);
afterAll(async () => {
  await postgres.stop();
  await model.close();
});

async function readRun(server: ServerProcess, runId: number): Promise<Run> {
  const reply = await fetch(`${server.baseUrl}/api/v1/workflow/0/runs/${String(runId)}`, {
    headers: { 'X-API-Key': apiKey },
  });
  return (await reply.json()) as Run;
}

test('the second turn is served by the other process: both are in the transcript, and the model was asked once for each', async () => {
  const url = postgres.urlOf(await postgres.create());
  const start = () =>
    startServerProcess({
      DATABASE_URL: url,
      SECRETS_KEY: usualSecretsKey,
      ARTIFACTS_DIR: join(tmpdir(), 'talks-artifacts'),
      BOOTSTRAP_API_KEY: apiKey,
      SANDBOX_STEP_MS: '1000',
      LLM_BASE_URL: model.baseUrl,
      LLM_MODEL: 'played',
    });
  const first = await start();
  const curl = first.output.split('\n').find((line) => line.includes('sandbox_says')) ?? '';
  const request = printedRequest(curl.trim().replace('$BOOTSTRAP_API_KEY', apiKey));
  const { workflow_run_id: runId } = (await (await fetch(request)).json()) as { workflow_run_id: number };
  await until('the first turn is over', async () => utterances(await readRun(first, runId)).length === 3);
  await first.stop('SIGKILL');

  const second = await start();
  await until('the call is over', async () => (await readRun(second, runId)).status === 'completed', 120);
  expect(utterances(await readRun(second, runId))).toEqual([
    'Hello Jane, this is an automated test call. Would you like an appointment: yes or no?',
    'Yes, please.',
    'You said: Yes, please.',
    'On Tuesday. Done.',
    'You said: On Tuesday. Done.',
  ]);
  expect(model.asked).toEqual(['Yes, please.', 'On Tuesday. Done.']);
  await second.stop('SIGKILL');
}, 180_000);
