/** Place and Wait in a real n8n, on a server whose calls a Dograh holds: its replies are those of Dograh 1.45.0. */
import { replayed, startReplayedDograh } from '../../support/replayed-dograh';
import type { LocalServer } from '../../support/local-server';
import { startDograh, type Dograh } from './dograh';
import { startN8n, type N8n } from './n8n';
import { createWorkflow, dograhNodeType, runWorkflow, startWith, type TestNode } from './workflows';

let n8n: N8n;
let held: LocalServer;
let server: Dograh;

beforeAll(async () => {
  n8n = await startN8n();
  held = await startReplayedDograh();
  server = await startDograh();
  await server.api('POST', '/organizations/telephony-configs', {
    name: 'Dograh',
    config: { provider: 'dograh', base_url: held.url, api_key: replayed.apiKey },
  });
  const path = `/workflow/${String(server.agent.id)}`;
  const answer = { mode: 'dograh', agent: `workflow/${replayed.agentUuid}` };
  await server.api('PUT', path, { workflow_configurations: { answer } });
  await server.api('POST', `${path}/publish`, {});
}, 1_800_000);

afterAll(async () => {
  await n8n.stop();
  await server.stop();
  await held.close();
});

test('an execution for one lead and five replays place one call, and each ends with its transcript and its variables', async () => {
  const credentials = { dograhApi: await n8n.createCredential('dograhApi', server.credential) };
  const node = (name: string, parameters: Record<string, unknown>): TestNode => ({
    name,
    type: dograhNodeType,
    credentials,
    parameters,
  });
  const workflow = await createWorkflow(n8n, [
    startWith({ phone: replayed.phoneNumber, lead: 'lead-7' }),
    node('Call and wait', {
      operation: 'placeAndWait',
      agent: { __rl: true, mode: 'list', value: server.agent.uuid },
      phoneNumber: '={{ $json.phone }}',
      callOncePer: 'reference',
      callReference: '={{ $json.lead }}',
      options: { pollIntervalSeconds: 1 },
    }),
    node('Transcript', { operation: 'getTranscript', runId: '={{ $json.run_id }}' }),
  ]);
  for (let replay = 0; replay < 6; replay += 1) {
    const execution = await runWorkflow(n8n, workflow);
    expect(execution.items('Call and wait')).toMatchObject([
      {
        json: {
          mode: 'dograh',
          status: 'completed',
          disposition: 'user_hangup',
          duration_seconds: 42,
          learned: { day: 'Monday' },
          utterances: [
            { speaker: 'assistant', text: 'Hello Jane.' },
            { speaker: 'user', text: 'Monday is fine.' },
          ],
          utterances_omitted: 0,
          already_placed: replay > 0,
        },
      },
    ]);
    expect(execution.items('Transcript')).toMatchObject([
      {
        json: {
          utterances: [
            { speaker: 'assistant', text: 'Hello Jane.' },
            { speaker: 'user', text: 'Monday is fine.' },
          ],
        },
      },
    ]);
  }
  expect(held.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
}, 300_000);
