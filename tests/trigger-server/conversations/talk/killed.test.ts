/** A conversation whose server process is killed goes on in the next one, from the turn that it had come to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '@dograh-trigger/shared';
import { startEchoingModel, type EchoingModel } from '../../../support/echoing-model';
import { printedRequest } from '../../../support/printed-request';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';
import { utterances } from '../../../support/utterances';

let folder: string;
let model: EchoingModel;
const apiKey = `dgr_${'k'.repeat(43)}`;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'killed-talk-'));
  model = await startEchoingModel();
});
afterEach(async () => {
  await model.close();
  rmSync(folder, { recursive: true });
});

function start(): Promise<ServerProcess> {
  return startServerProcess({
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: '400',
    LLM_BASE_URL: model.baseUrl,
    LLM_MODEL: 'played',
  });
}

async function readRun(server: ServerProcess, runId: number): Promise<Run> {
  const reply = await fetch(`${server.baseUrl}/api/v1/workflow/0/runs/${String(runId)}`, {
    headers: { 'X-API-Key': apiKey },
  });
  return (await reply.json()) as Run;
}

test('the second process serves the next turn; both turns are in the transcript, and the model was asked once for each', async () => {
  const first = await start();
  const curl = first.output.split('\n').find((line) => line.includes('sandbox_says')) ?? '';
  const request = printedRequest(curl.trim().replace('$BOOTSTRAP_API_KEY', apiKey));
  const { workflow_run_id: runId } = (await (await fetch(request)).json()) as { workflow_run_id: number };
  while (model.asked.length === 0 || utterances(await readRun(first, runId)).length < 3)
    await readRun(first, runId);
  await first.stop('SIGKILL');

  const second = await start();
  let run = await readRun(second, runId);
  while (run.status !== 'completed') run = await readRun(second, runId);
  expect(utterances(run)).toEqual([
    'Hello Jane, this is an automated test call. Would you like an appointment: yes or no?',
    'Yes, please.',
    'You said: Yes, please.',
    'On Tuesday. Done.',
    'You said: On Tuesday. Done.',
  ]);
  expect(model.asked).toEqual(['Yes, please.', 'On Tuesday. Done.']);
  await second.stop();
});
