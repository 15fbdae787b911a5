import { downloadRecording, downloadTranscript } from '../../zapier-app/src/call/hydrators';
import { replyJson, startLocalServer, type LocalServer, type ReceivedRequest } from '../support/local-server';
import { apiKey, appTester, failureOf, makeBundle } from '../support/zapier';
import type { RawHttpResponse } from 'zapier-platform-core';
import type { ServerResponse } from 'node:http';

const audio = Buffer.from([0x52, 0x49, 0x46, 0x46, 0x00, 0xff, 0x80, 0x0a]);
const token = 'a-token-that-opens-the-file';

let server: LocalServer;
/** The storage host of Dograh's files. */
let storage: LocalServer;
let answerDownload: (response: ServerResponse, request: ReceivedRequest) => void;
let answerRun: (response: ServerResponse) => void;
let run: Record<string, unknown>;

beforeEach(async () => {
  storage = await startLocalServer((_, response) => {
    response.writeHead(200, { 'content-type': 'audio/wav' });
    response.end(audio);
  });
  server = await startLocalServer((request, response) => {
    if (request.url === '/api/v1/workflow/0/runs/501') answerRun(response);
    else answerDownload(response, request);
  });
  answerDownload = (response) => {
    response.writeHead(302, { location: `${storage.url}/501.wav?signature=s` });
    response.end();
  };
  answerRun = (response) => {
    replyJson(response, 200, run);
  };
  run = {
    id: 501,
    workflow_id: 7,
    name: 'WR-API-7823',
    mode: 'twilio',
    created_at: '2026-08-22T03:04:05Z',
    call_type: 'outbound',
    is_completed: true,
    transcript_url: 'transcripts/501.txt',
    recording_url: 'recordings/501.wav',
    transcript_public_url: `${server.url}/api/v1/public/download/workflow/${token}/transcript`,
    recording_public_url: `${server.url}/api/v1/public/download/workflow/${token}/recording`,
  };
});

afterEach(async () => {
  await Promise.all([server.close(), storage.close()]);
});

type Hydrator = typeof downloadRecording;

/** Runs a hydrator with a replaced `stashFile`, and returns the stored content. */
function fetchFile(hydrator: Hydrator): Promise<Buffer> {
  return appTester(
    async (z, bundle) => {
      let stashed: Buffer = Buffer.alloc(0);
      const stashFile = async (response: Promise<RawHttpResponse>) => {
        stashed = await (await response).buffer();
        return 'https://files.example.com/1';
      };
      const file = await hydrator(Object.assign(z, { stashFile }), bundle);
      expect(file).toBe('https://files.example.com/1');
      return stashed;
    },
    makeBundle(server.url, { run_id: 501 }),
  );
}

function keysAt({ requests }: LocalServer) {
  return requests.map(({ headers }) => headers['x-api-key']);
}

test('a recording is downloaded through the redirect byte by byte, and the storage host does not receive the key', async () => {
  expect(await fetchFile(downloadRecording)).toEqual(audio);
  expect(storage.requests.map(({ url }) => url)).toEqual(['/501.wav?signature=s']);
  expect(keysAt(storage)).toEqual([undefined]);
});

test('a chain of redirects receives no key, not even at another name of the server', async () => {
  const { port } = new URL(server.url);
  let redirects = 0;
  answerDownload = (response) => {
    redirects += 1;
    const location = redirects === 1 ? `http://localhost:${port}/elsewhere` : `${storage.url}/501.wav`;
    response.writeHead(307, { location });
    response.end();
  };
  expect(await fetchFile(downloadRecording)).toEqual(audio);
  const elsewhere = server.requests.filter(({ url }) => url === '/elsewhere');
  expect(elsewhere.map(({ headers }) => headers['x-api-key'])).toEqual([undefined]);
  expect(keysAt(storage)).toEqual([undefined]);
});

test('a transcript on the server itself is downloaded from it', async () => {
  answerDownload = (response, { url }) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(url.endsWith('/transcript') ? 'assistant: Hello' : 'something else');
  };
  expect((await fetchFile(downloadTranscript)).toString()).toBe('assistant: Hello');
  expect(keysAt(server)).toEqual([apiKey, apiKey]);
});

test('a missing file is an error that says so', async () => {
  run.recording_url = null;
  expect(await failureOf(fetchFile(downloadRecording))).toMatchObject({
    name: 'AppError',
    code: 'not_found',
    message: expect.stringContaining('Run 501 has no recording.') as string,
  });
});

test.each([
  [404, 'not_found'],
  [410, 'not_found'],
  [403, 'server'],
  [500, 'server'],
])(
  'a download with the status %i is an error without the address, which contains the token',
  async (status, code) => {
    answerDownload = (response) => {
      replyJson(response, status, { detail: 'no' });
    };
    const failure = await failureOf(fetchFile(downloadRecording));
    expect(failure).toMatchObject({ name: 'AppError', code, status });
    expect(failure.message).not.toContain(token);
  },
);

test('a broken connection is an error without the address', async () => {
  answerDownload = (response) => {
    response.destroy();
  };
  const failure = await failureOf(fetchFile(downloadRecording));
  expect(failure).toMatchObject({ name: 'AppError', code: 'unreachable' });
  expect(failure.message).not.toContain(token);
});

test('a redirect to itself ends', async () => {
  answerDownload = (response, { url }) => {
    response.writeHead(302, { location: url });
    response.end();
  };
  expect((await failureOf(fetchFile(downloadRecording))).message).toBe(
    'The file is behind too many redirects.',
  );
  expect(server.requests).toHaveLength(7);
});

describe('in the 25 seconds of its step', () => {
  /** How far the clock of the step was moved ahead, in milliseconds. */
  let skipped: number;

  beforeEach(() => {
    skipped = 0;
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + skipped);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('a download has the time left after reading its call, and does not start after the deadline', async () => {
    answerRun = (response) => {
      skipped = 25_000;
      replyJson(response, 200, run);
    };
    expect(await failureOf(fetchFile(downloadRecording))).toMatchObject(tooLate);
    expect(server.requests).toHaveLength(1);
  });

  test.each(['the server', 'the storage'])('a file whose end %s never sends is an error', async (where) => {
    answerRun = (response) => {
      skipped = 24_800;
      replyJson(response, 200, run);
    };
    const stall = (_: unknown, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': '100' });
      response.write('RIFF');
    };
    const stalling = await startLocalServer(stall);
    answerDownload = (response, request) => {
      if (where === 'the server') stall(request, response);
      else response.writeHead(302, { location: stalling.url }).end();
    };
    expect(await failureOf(fetchFile(downloadRecording))).toMatchObject(tooLate);
    await stalling.close();
  });

  const tooLate = {
    name: 'AppError',
    code: 'unreachable',
    message: 'The file cannot be downloaded: the 25 seconds of this step are used up.',
  };
});

test('a redirect to nowhere is an error', async () => {
  answerDownload = (response) => {
    response.writeHead(302);
    response.end();
  };
  expect(await failureOf(fetchFile(downloadRecording))).toMatchObject({ name: 'AppError', status: 302 });
});
