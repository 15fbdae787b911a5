import type { ServerResponse } from 'node:http';
import type { INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';

const mockSlept: number[] = [];
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: (milliseconds: number) => {
    mockSlept.push(milliseconds);
    return Promise.resolve();
  },
}));

const path = '/api/v1/public/download/workflow/t0ken';
const transcript =
  '[2026-08-22T03:04:05Z] assistant: Hello Jane.\nHow are you?\n[2026-08-22T03:04:09Z] user: Fine.\n';
const sound = Buffer.from([0x52, 0x49, 0x46, 0x46, 0, 255, 128, 10]);

let dograh: LocalServer;
/** The storage host that Dograh's downloads redirect to. */
let storage: LocalServer;
/** The run's state of its files, one entry per read. */
let reads: object[];

beforeEach(async () => {
  mockSlept.length = 0;
  reads = [];
  storage = await startLocalServer(({ url }, response) => {
    sendFile(response, url === '/recording.wav' ? sound : Buffer.from(transcript));
  });
  dograh = await startLocalServer(({ url }, response) => {
    if (url === `${path}/recording`)
      response.writeHead(302, { location: `${storage.url}/recording.wav` }).end();
    else if (url === `${path}/transcript`)
      response.writeHead(302, { location: `${storage.url}/501.txt` }).end();
    else if (url.startsWith('/api/v1/public/'))
      replyJson(response, 404, { detail: 'Invalid or expired token' });
    else replyJson(response, 200, { ...run, ...(reads.length > 1 ? reads.shift() : reads[0]) });
  });
});

afterEach(() => Promise.all([dograh.close(), storage.close()]));

function sendFile(response: ServerResponse, bytes: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
}

const run = {
  id: 501,
  workflow_id: 12,
  name: 'WR-API-501',
  mode: 'twilio',
  created_at: '2026-08-22T03:04:05Z',
  call_type: 'outbound',
  is_completed: true,
};
/** The address in links of a Dograh without a configured public URL. */
const bothThere = {
  recording_url: 'recordings/501.wav',
  recording_public_url: `http://localhost:8000${path}/recording`,
  transcript_url: 'transcripts/501.txt',
  transcript_public_url: `http://localhost:8000${path}/transcript`,
};

function execute(parameters: INodeParameters, options: Partial<N8nContextOptions> = {}) {
  const credential = { baseUrl: dograh.url, apiKey: 'dgr_art' };
  return new Dograh().execute.call(
    n8nContext({ ...credential, parameters: { runId: '501', ...parameters }, ...options }),
  );
}

test('a recording is downloaded through the redirect, and the storage host never receives the API key', async () => {
  reads = [bothThere];
  const [items] = await execute({ operation: 'downloadRecording' });
  expect(items).toMatchObject([
    {
      json: { run_id: 501 },
      binary: {
        data: { data: sound.toString('base64'), fileName: 'WR-API-501-501.wav', mimeType: 'audio/wav' },
      },
      pairedItem: { item: 0 },
    },
  ]);
  const download = dograh.requests.find(({ url }) => url.startsWith(path));
  expect([...storage.requests, download].map((request) => request?.headers['x-api-key'])).toEqual([
    undefined,
    undefined,
  ]);
});

test('a root-relative link works, too', async () => {
  reads = [{ ...bothThere, recording_public_url: `${path}/recording` }];
  const [items] = await execute({ operation: 'downloadRecording', binaryPropertyName: 'sound' });
  expect(items).toMatchObject([
    {
      json: { recording_url: `${dograh.url}${path}/recording` },
      binary: { sound: { data: sound.toString('base64') } },
    },
  ]);
});

test('the node waits for a recording that is not written yet', async () => {
  reads = [{ is_completed: false }, {}, bothThere];
  const [items] = await execute({ operation: 'downloadRecording' });
  expect(items).toHaveLength(1);
  expect(mockSlept).toEqual([1000, 1000, 1000, 1000]);
});

test('a recording that does not exist after the wait is an error', async () => {
  reads = [{}];
  const options = { waitSeconds: 4 };
  await expect(execute({ operation: 'downloadRecording', options })).rejects.toThrow(
    /^Run 501 has no recording.* \[item 0\]$/,
  );
  expect(mockSlept).toHaveLength(4);
});

test.each([
  ['that no recording will come', { status: 'completed', artifacts_ready: true }],
  ['that nobody answered', { gathered_context: { call_disposition: 'no-answer' } }],
])('the node does not wait for a run with %s', async (_what, fields) => {
  reads = [fields];
  await expect(execute({ operation: 'downloadRecording' })).rejects.toThrow('has no recording');
  expect(mockSlept).toEqual([]);
});

test('a link that has expired is an error with what to do', async () => {
  reads = [{ ...bothThere, recording_public_url: '/api/v1/public/download/workflow/old/recording' }];
  await expect(execute({ operation: 'downloadRecording' })).rejects.toThrow('Read the call again');
});

test('a storage that cannot be reached is an error with what to check', async () => {
  reads = [bothThere];
  await storage.close();
  await expect(execute({ operation: 'downloadRecording' })).rejects.toThrow(
    /cannot be downloaded: .*Check that n8n can reach the server’s storage/,
  );
  storage = await startLocalServer(() => undefined);
});

test('a transcript is returned as text and as utterances', async () => {
  reads = [bothThere];
  expect(await execute({ operation: 'getTranscript' })).toEqual([
    [
      {
        json: {
          run_id: 501,
          status: 'completed',
          transcript,
          utterances: [
            { speaker: 'assistant', started_at: '2026-08-22T03:04:05Z', text: 'Hello Jane.\nHow are you?' },
            { speaker: 'user', started_at: '2026-08-22T03:04:09Z', text: 'Fine.' },
          ],
        },
        pairedItem: { item: 0 },
      },
    ],
  ]);
});

test('a call in which nobody spoke has no transcript and no error', async () => {
  reads = [{ gathered_context: { call_disposition: 'busy' } }];
  expect(await execute({ operation: 'getTranscript' })).toMatchObject([
    [{ json: { run_id: 501, status: 'busy', transcript: null, utterances: [] } }],
  ]);
});
