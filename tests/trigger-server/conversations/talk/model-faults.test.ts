/**
 * Whatever the model does, the callee hears words and the call ends truly; and the log, at its most talkative, has nothing
 * of the conversation. A real server process, a model over HTTP, the demo conversation.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '@dograh-trigger/shared';
import { startModelServer, type ModelServer } from '../../../support/model/server';
import {
  call,
  calls,
  chunk,
  done,
  event,
  finish,
  refused,
  spoken,
  usage,
  type Play,
} from '../../../support/model/streams';
import { printedRequest } from '../../../support/printed-request';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';
import { utterances } from '../../../support/utterances';

jest.setTimeout(120_000);

const apiKey = `dgr_${'f'.repeat(43)}`;
const modelKey = 'sk-only-the-model-knows';
const said = 'Purple elephants, please.';
const apology = 'Sorry, could you say that again?';
const fine = spoken('We have many of them.');
const empty: Play = { pieces: [finish('stop'), usage, done] };

let folder: string;
let log: number;
let server: ServerProcess;
let model: ModelServer;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-faults-'));
  log = openSync(join(folder, 'server.log'), 'w');
});
afterEach(async () => {
  await server.stop();
  await model.close();
  closeSync(log);
  rmSync(folder, { recursive: true });
});

/** A call to a callee who says one sentence and hangs up. */
async function callWith(plays: readonly Play[]): Promise<Run> {
  model = await startModelServer(...plays);
  server = await startServerProcess(
    {
      DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
      BOOTSTRAP_API_KEY: apiKey,
      SANDBOX_STEP_MS: '1',
      LOG_LEVEL: 'trace',
      LLM_BASE_URL: model.baseUrl,
      LLM_API_KEY: modelKey,
      LLM_MODEL: 'fake-1',
    },
    { logFile: log },
  );
  const curl = server.output.split('\n').find((line) => line.includes('sandbox_says')) ?? '';
  const printed = printedRequest(curl.trim().replace('$BOOTSTRAP_API_KEY', apiKey));
  const body = (await printed.clone().json()) as { initial_context: object };
  const asked = { ...body, initial_context: { ...body.initial_context, sandbox_says: [said] } };
  const reply = await fetch(new Request(printed, { body: JSON.stringify(asked) }));
  const { workflow_run_id: runId } = (await reply.json()) as { workflow_run_id: number };
  const read = async () => {
    const url = `${server.baseUrl}/api/v1/workflow/0/runs/${String(runId)}`;
    return (await (await fetch(url, { headers: { 'X-API-Key': apiKey } })).json()) as Run;
  };
  let run = await read();
  while (!run.is_completed) run = await read();
  return run;
}

test.each<[string, readonly Play[], string]>([
  ['fails', [refused(500, { error: { message: said } })], apology],
  ['is too busy for long', [refused(429, { error: { message: said } }, { 'retry-after': '30' })], apology],
  ['stalls before its first word', [{ pieces: [], ending: 'stall' }], apology],
  ['stalls in the middle', [{ pieces: [chunk({ content: 'We have ' })], ending: 'stall' }], apology],
  ['is cut off at once', [{ pieces: [], ending: 'cut' }], apology],
  ['is cut off in the middle', [{ pieces: [chunk({ content: 'We have ' })], ending: 'cut' }], apology],
  [
    'reports an error in the middle',
    [{ pieces: [chunk({ content: 'We have ' }), event({ error: { message: said } }), done] }],
    apology,
  ],
  ['says nothing twice', [empty, empty], apology],
  ['says nothing once', [empty, fine], 'We have many of them.'],
  [
    'calls a function with arguments that are not JSON',
    [{ pieces: [calls(call(0, 'a', 'look_up', '{"phone":')), finish('tool_calls'), usage, done] }, fine],
    'We have many of them.',
  ],
  [
    'calls two functions that there are not, without ids, beside a text',
    [
      {
        pieces: [
          chunk({ content: 'Let me see.' }),
          calls(call(0, null, 'nope', '{}'), call(1, null, 'never', '{}')),
          finish('tool_calls'),
          usage,
          done,
        ],
      },
      fine,
    ],
    'Let me see.',
  ],
])('a model that %s: the callee hears words, the run is true, the log is silent', async (_, plays, heard) => {
  const run = await callWith(plays);
  expect(utterances(run).slice(1, 3)).toEqual([said, heard]);
  expect(run).toMatchObject({
    status: 'completed',
    gathered_context: expect.objectContaining({ call_disposition: 'user_hangup' }) as object,
  });
  const logged = readFileSync(join(folder, 'server.log'), 'utf8');
  expect(logged).toContain('"msg"');
  for (const words of ['elephants', 'We have', 'test call', modelKey, '4155550100']) {
    expect(logged).not.toContain(words);
  }
});

test('an endless answer is cut, and the call ends', async () => {
  const run = await callWith([{ pieces: [chunk({ content: 'We have more. ' })], ending: 'endless' }]);
  const [, , heard = ''] = utterances(run);
  expect(heard).toMatch(/^(?:We have more\. ?)+$/);
  expect(heard.length).toBeLessThanOrEqual(600);
  expect(run.status).toBe('completed');
});
