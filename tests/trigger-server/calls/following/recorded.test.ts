/** A whole call against Dograh's own replies (`tests/fixtures/dograh`): ringing, completed, ended, stored. */
import states from '../../../fixtures/dograh/call.json';
import { readRun, startCall } from '../../../support/calls';
import { agentAtDograh, followByHand } from '../../../support/followed-calls';
import type { LocalServer } from '../../../support/local-server';
import { replayed, startReplayedDograh } from '../../../support/replayed-dograh';
import { startTestServer, type TestServer } from '../../../support/test-server';

let dograh: LocalServer;
let server: TestServer;

beforeEach(async () => {
  dograh = await startReplayedDograh();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
});
afterEach(async () => {
  await server.close();
  await dograh.close();
});

test('usage, cost, variables, duration and transcript of Dograh’s run are those of the run here', async () => {
  const { run: stored } = states.find(({ state }) => state === 'stored')!;
  const account = await server.signUp();
  const agent = await agentAtDograh(server, account, {
    url: dograh.url,
    key: replayed.apiKey,
    agent: replayed.agentUuid,
  });
  const runId = await startCall(server, account, agent, { phone_number: replayed.phoneNumber });
  const pass = followByHand(server);
  await pass(3);
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'ringing', usage_info: null });
  await pass(12);
  const run = await readRun(server, account, runId);
  expect(run).toMatchObject({ status: 'completed', reason: null });
  expect(run.usage_info).toEqual(stored.usage_info);
  expect(run.cost_info).toEqual(stored.cost_info);
  const { day, extracted_variables, nodes_visited, call_tags } = stored.gathered_context as Record<
    string,
    unknown
  >;
  expect(run.gathered_context).toMatchObject({ day, extracted_variables, nodes_visited, call_tags });
  const { pathname } = new URL(run.transcript_public_url ?? '', server.baseUrl);
  const { text } = await server.request.get(pathname).expect(200);
  expect(text).toBe(
    '[2026-08-22T03:04:13.002+00:00] assistant: Hello Jane.\n' +
      '[2026-08-22T03:04:16.730+00:00] user: Monday is fine.\n',
  );
});
