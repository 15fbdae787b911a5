/** Zapier's Start Call and Wait, on a server whose calls a Dograh holds: its replies are those of Dograh 1.45.0. */
import { startCallAndWaitResume } from '../../zapier-app/src/creates/start-call-and-wait';
import { startLocalServer, type LocalServer, type ReceivedRequest } from '../support/local-server';
import { replayed, startReplayedDograh } from '../support/replayed-dograh';
import { appTester, execute, failureOf } from '../support/zapier';
import { startZapierServer, type ZapierServer } from '../support/zapier-server';

const perform = 'creates.start_call_and_wait.operation.perform';

let held: LocalServer;
let server: ZapierServer;
let zapier: LocalServer;
let posted: Promise<ReceivedRequest>;

beforeEach(async () => {
  held = await startReplayedDograh();
  server = await startZapierServer();
  await server.api('POST', '/organizations/telephony-configs', {
    name: 'Dograh',
    config: { provider: 'dograh', base_url: held.url, api_key: replayed.apiKey },
  });
  const { id } = await server.client.findAgent(server.agentUuid);
  const answer = { mode: 'dograh', agent: `workflow/${replayed.agentUuid}` };
  await server.api('PUT', `/workflow/${String(id)}`, {
    workflow_configurations: { answer, recording_enabled: false },
  });
  await server.api('POST', `/workflow/${String(id)}/publish`, {});
  let received: (request: ReceivedRequest) => void = () => undefined;
  posted = new Promise((resolve) => (received = resolve));
  zapier = await startLocalServer((request, response) => {
    response.writeHead(200).end();
    received(request);
  });
});
afterEach(async () => {
  await server.stop();
  await held.close();
  await zapier.close();
});

test('the step ends with the transcript and the variables, and five replays place no second call', async () => {
  const bundle = server.bundleFor(server.callInput(replayed.phoneNumber));
  const { status, results: started } = await execute(perform, bundle, zapier.url);
  expect(status).toBe('CALLBACK');
  const { body } = await posted;
  const result = await appTester(startCallAndWaitResume, {
    ...bundle,
    outputData: started as { id: number },
    cleanedRequest: JSON.parse(body.toString('utf8')) as object,
  });
  const ended = {
    status: 'completed',
    disposition: 'user_hangup',
    duration_seconds: 42,
    transcript: expect.stringContaining('user: Monday is fine.') as string,
    utterances: [{ speaker: 'assistant' }, { speaker: 'user', text: 'Monday is fine.' }],
    gathered_context: { day: 'Monday', extracted_variables: { day: 'Monday' } },
  };
  expect(result).toMatchObject(ended);

  for (let replay = 0; replay < 5; replay += 1) {
    expect((await failureOf(execute(perform, bundle, zapier.url))).name).toBe('HaltedError');
  }
  const following = { ...bundle, inputData: { ...bundle.inputData, if_placed_before: 'follow' } };
  expect(await execute(perform, following, zapier.url)).toMatchObject({ status: 'SUCCESS', results: ended });
  expect(held.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
}, 60_000);
