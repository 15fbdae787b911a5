/** Recordings and transcripts in a real n8n. The API key is not sent to another host. */
import { startLocalServer } from '../../support/local-server';
import { serverModes, startDograh, type Dograh } from './dograh';
import { startN8n, type N8n } from './n8n';
import { createWorkflow, dograhNodeType, runWorkflow, startWith, type Item } from './workflows';

let n8n: N8n;

beforeAll(async () => {
  n8n = await startN8n();
}, 1_800_000);

afterAll(() => n8n.stop());

describe.each(serverModes)('%s', (_, environment) => {
  let dograh: Dograh;
  let dograhApi: { id: string; name: string };
  let runId: number;

  beforeAll(async () => {
    dograh = await startDograh(environment);
    dograhApi = await n8n.createCredential('dograhApi', dograh.credential);
    const call = await dograh.client.triggerCall({
      target: { agentUuid: dograh.agent.uuid },
      environment: 'production',
      phoneNumber: '+14155550101',
      initialContext: { first_name: 'Jane', day: 'Monday' },
    });
    runId = call.runId;
  });

  afterAll(() => dograh.stop());

  async function run(operation: string): Promise<Item | undefined> {
    const workflow = await createWorkflow(n8n, [
      startWith({ id: runId }),
      {
        name: 'Read',
        type: dograhNodeType,
        credentials: { dograhApi },
        parameters: { operation, runId: '={{ $json.id }}' },
      },
    ]);
    const execution = await runWorkflow(n8n, workflow);
    return execution.items('Read')[0];
  }

  function fileOf(item: Item | undefined): Promise<Buffer> {
    return n8n.readFile(item?.binary?.data?.id ?? '');
  }

  test('a recording is downloaded as a file after the end of the call', async () => {
    const item = await run('downloadRecording');
    expect(item?.json).toMatchObject({ run_id: runId, status: 'completed' });
    expect(item?.binary?.data).toMatchObject({ mimeType: 'audio/wav', fileExtension: 'wav' });
    expect((await fileOf(item)).subarray(0, 4).toString()).toBe('RIFF');
  });

  test('a recording at a storage host is fetched without the API key', async () => {
    const sound = Buffer.from('RIFF the sound at the storage host');
    const storage = await startLocalServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/wav' }).end(sound);
    });
    try {
      // A host name that differs from the server's address.
      dograh.storage.url =
        storage.url.replace('127.0.0.1', 'localhost') + '/bucket/recording.wav?signature=s';
      const item = await run('downloadRecording');
      expect(await fileOf(item)).toEqual(sound);
      expect(storage.requests).toMatchObject([{ method: 'GET', url: '/bucket/recording.wav?signature=s' }]);
      expect(JSON.stringify(storage.requests[0]?.headers)).not.toContain(dograh.credential.apiKey);
    } finally {
      dograh.storage.url = null;
      await storage.close();
    }
  });

  test('a transcript is read as text and by speaker', async () => {
    const item = await run('getTranscript');
    const said = 'Hello Jane, your appointment is on Monday.';
    expect(item?.json.transcript).toContain(said);
    expect(item?.json.utterances).toEqual([
      { speaker: 'assistant', started_at: expect.any(String), text: said },
    ]);
  });
});
