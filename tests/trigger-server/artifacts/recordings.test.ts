/**
 * Recordings of a carrier: which are fetched, from where, with which credentials, and what happens if none arrives.
 *
 * Longer than 400 lines because every test begins with the same recorded call.
 */
import type { ServerResponse } from 'node:http';
import { recordings } from '../../../trigger-server/src/artifacts/recordings';
import { callbackUrl } from '../../../trigger-server/src/calls/carrier/callback-urls';
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { readRun, startCall } from '../../support/calls';
import { startLocalServer } from '../../support/local-server';
import { configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { twilioCallback } from '../../support/vendors/twilio';
import {
  credentials,
  deliver,
  publicBaseUrl,
  recordingCallback,
  recordingPath,
  sendWav,
  startRecordingCarrier,
  statusCallback,
  useCarrier,
  wav,
  type RecordingCarrier,
} from './carrier';
import { agentWith, feedbackOf, pathOf } from './support';

const second = 1000;
const minute = 60 * second;

let carrier: RecordingCarrier;
let server: TestServer;
let account: Account;
let configurationId: number;

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer({
    TWILIO_API_BASE_URL: carrier.url,
    PUBLIC_BASE_URL: publicBaseUrl,
    SIGNUP_ENABLED: 'true',
    ...environment,
  });
  account = await server.signUp();
  configurationId = await useCarrier(server, account);
}

beforeEach(async () => {
  carrier = await startRecordingCarrier();
  await start();
});
afterEach(async () => {
  await server.close();
  await carrier.close();
});

async function place(isRecorded = true): Promise<number> {
  const agent = await agentWith(server, account, { recording_enabled: isRecorded });
  return startCall(server, account, agent, { phone_number: '+14155550100' });
}

async function report(...words: ('in-progress' | 'completed')[]): Promise<void> {
  for (const word of words) expect(await deliver(server, statusCallback(carrier.lastDial(), word))).toBe(200);
}

const announce = (url = `https://api.twilio.com${recordingPath}`) =>
  deliver(server, recordingCallback(carrier.lastDial(), url));

/** A recorded call that was answered and has ended, its recording announced. */
async function recordedCall(url?: string): Promise<number> {
  const runId = await place();
  await report('in-progress', 'completed');
  expect(await announce(url)).toBe(200);
  return runId;
}

const round = () => fetchDueRecordings(server.services);
const read = (runId: number) => readRun(server, account, runId);

async function reasonOf(runId: number): Promise<unknown> {
  const error = feedbackOf(await read(runId)).find(({ type }) => type === 'rtf-recording-error');
  return error?.payload.error;
}

describe('asking for a recording', () => {
  test('the carrier is asked to record where the agent wants it, and where to report', async () => {
    const runId = await place();
    const dial = carrier.lastDial();
    expect(dial.get('Record')).toBe('true');
    expect(dial.get('RecordingStatusCallback')).toContain(`/recording/${runId}/`);
  });

  test('nothing about recordings is said for an agent that wants none', async () => {
    await place(false);
    expect([...carrier.lastDial().keys()].filter((name) => name.startsWith('Record'))).toEqual([]);
  });

  test('what the carrier recorded unasked is not fetched', async () => {
    const runId = await place(false);
    await report('in-progress', 'completed');
    const target = {
      provider: 'twilio',
      configurationId,
      runId,
      attempt: 1,
      purpose: 'recording' as const,
      turn: 0,
    };
    const dial = new URLSearchParams({ RecordingStatusCallback: callbackUrl(server.services, target) });
    expect(await deliver(server, recordingCallback(dial, `https://api.twilio.com${recordingPath}`))).toBe(
      200,
    );
    await round();
    expect(carrier.requests).toEqual([]);
    expect(await read(runId)).toMatchObject({ artifacts_ready: true, recording_url: null });
  });
});

describe('fetching a recording', () => {
  test('it is fetched once with the carrier’s credentials, kept whole, and then the run is ready', async () => {
    const runId = await recordedCall();
    expect(await read(runId)).toMatchObject({ is_completed: true, artifacts_ready: false });
    await round();
    await round();
    expect(carrier.requests.map(({ method, url }) => ({ method, url }))).toEqual([
      { method: 'GET', url: recordingPath },
    ]);
    expect(carrier.requests[0]?.headers.authorization).toBe(credentials);
    const run = await read(runId);
    expect(run).toMatchObject({ artifacts_ready: true, recording_url: `recordings/${runId}.wav` });
    const file = await server.request.get(pathOf(run.recording_public_url)).buffer(true).expect(200);
    expect((file.body as Buffer).equals(wav)).toBe(true);
  });

  test('it may be announced before the call ends, or twice: it is fetched after the end, once', async () => {
    const runId = await place();
    await report('in-progress');
    await announce();
    await announce();
    await server.advance(10 * second);
    await round();
    expect(carrier.requests).toEqual([]);
    await report('completed');
    await round();
    await announce();
    await round();
    expect(carrier.requests).toHaveLength(1);
    expect(await read(runId)).toMatchObject({ artifacts_ready: true });
  });

  test('it is fetched from the first reported address, whatever is reported later', async () => {
    await recordedCall();
    await announce(`https://api.twilio.com${recordingPath.replace('RE0001', 'RE0002')}`);
    await round();
    expect(carrier.requests.map(({ url }) => url)).toEqual([recordingPath]);
  });

  test('two servers that find it at the same time fetch it once', async () => {
    const runId = await recordedCall();
    await Promise.all([round(), round()]);
    expect(carrier.requests).toHaveLength(1);
    expect(await read(runId)).toMatchObject({ artifacts_ready: true });
  });

  test('a slow download is not started a second time in parallel', async () => {
    const runId = await recordedCall();
    const waiting: ServerResponse[] = [];
    const arrived = new Promise<void>((resolve) => {
      carrier.serve = (_request, response) => {
        waiting.push(response);
        resolve();
      };
    });
    const worker = await recordings(server.services).start();
    await server.advance(2 * second);
    await arrived;
    await server.advance(minute);
    expect(carrier.requests).toHaveLength(1);
    for (const response of waiting) response.writeHead(200, { 'content-type': 'audio/x-wav' }).end(wav);
    await worker.stop();
    expect(await read(runId)).toMatchObject({ artifacts_ready: true });
  });

  test('fetched at the deadline of a call whose end was never reported, it does not make the run ready before its end', async () => {
    const runId = await place();
    await report('in-progress');
    await announce();
    await server.advance((30 + 300 + 61) * second);
    await round();
    expect(await read(runId)).toMatchObject({
      is_completed: false,
      artifacts_ready: false,
      recording_url: `recordings/${runId}.wav`,
    });
    await report('completed');
    expect(await read(runId)).toMatchObject({ is_completed: true, artifacts_ready: true });
  });

  test('MP3 is kept as MP3, whatever the carrier calls it', async () => {
    carrier.serve = (_request, response) => {
      response
        .writeHead(200, { 'content-type': 'audio/x-wav' })
        .end(Buffer.from('ID3\x04 and the sound of it'));
    };
    const runId = await recordedCall();
    await round();
    const run = await read(runId);
    expect(run.recording_url).toBe(`recordings/${runId}.mp3`);
    const file = await server.request.head(pathOf(run.recording_public_url)).expect(200);
    expect(file.headers['content-type']).toBe('audio/mpeg');
  });

  test('a callback without the carrier’s signature, or for another purpose’s address, changes nothing', async () => {
    const runId = await place();
    await report('in-progress', 'completed');
    const good = recordingCallback(carrier.lastDial(), `https://api.twilio.com${recordingPath}`);
    const { 'x-twilio-signature': _signature, ...unsigned } = good.headers;
    expect(await deliver(server, { ...good, headers: unsigned })).toBe(401);
    const elsewhere = (carrier.lastDial().get('StatusCallback') ?? '').replace('/status/', '/recording/');
    const moved = twilioCallback(elsewhere, {
      RecordingStatus: 'completed',
      RecordingUrl: 'https://x.test/',
    });
    expect(await deliver(server, moved)).toBe(401);
    await round();
    expect(carrier.requests).toEqual([]);
    expect(await read(runId)).toMatchObject({ artifacts_ready: false });
  });
});

describe('addresses', () => {
  test.each([
    'https://evil.example/RE1',
    'https://api.twilio.com.evil.example/RE1',
    'https://nottwilio.com/RE1',
    'http://api.twilio.com/RE1',
    'https://api.twilio.com:8443/RE1',
    'https://user:pass@api.twilio.com/RE1',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    '../../etc/passwd',
    'not an address',
  ])('one that is not the carrier’s own gets no request, and is given up at once: %s', async (url) => {
    const runId = await recordedCall(url);
    await round();
    expect(carrier.requests).toEqual([]);
    expect(await read(runId)).toMatchObject({ artifacts_ready: true, recording_url: null });
    expect(await reasonOf(runId)).toBe(
      'There is no recording: the carrier named an address that is not its own.',
    );
  });

  test('a server of somebody else on the same machine gets no request either', async () => {
    const stranger = await startLocalServer(sendWav);
    const runId = await recordedCall(`${stranger.url}/RE1`);
    await round();
    expect(stranger.requests).toEqual([]);
    expect(await read(runId)).toMatchObject({ artifacts_ready: true, recording_url: null });
    await stranger.close();
  });

  const redirectTo = (location: string) => (_request: unknown, response: ServerResponse) => {
    response.writeHead(307, { location }).end();
  };

  test('a redirect is followed without the credentials', async () => {
    await server.close();
    await start({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
    const storage = await startLocalServer(sendWav);
    carrier.serve = redirectTo(`${storage.url}/bucket/RE1?signature=x`);
    const runId = await recordedCall();
    await round();
    expect(storage.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /bucket/RE1?signature=x',
    ]);
    expect(Object.keys(storage.requests[0]?.headers ?? {}).sort()).toEqual(['connection', 'host']);
    expect(await read(runId)).toMatchObject({ recording_url: `recordings/${runId}.wav` });
    await storage.close();
  });

  test('a redirect back to the carrier itself carries no credentials either', async () => {
    await server.close();
    await start({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
    carrier.serve = (request, response) => {
      if (request.url === recordingPath) redirectTo('/media/Recordings/RE1')(request, response);
      else sendWav(request, response);
    };
    await recordedCall();
    await round();
    expect(carrier.requests.map(({ headers }) => headers.authorization)).toEqual([credentials, undefined]);
  });

  test('a redirect into the operator’s own network is not followed', async () => {
    const inside = await startLocalServer(sendWav);
    carrier.serve = redirectTo(`${inside.url}/secrets`);
    const runId = await recordedCall();
    await round();
    expect(carrier.requests).toHaveLength(1);
    expect(inside.requests).toEqual([]);
    expect(await read(runId)).toMatchObject({ recording_url: null });
    await inside.close();
  });

  test.each(['file:///etc/passwd', 'ftp://files.test/x', 'data:audio/wav;base64,AAAA', 'http://'])(
    'a redirect to what is no web address is not followed: %s',
    async (location) => {
      carrier.serve = redirectTo(location);
      const runId = await recordedCall();
      await round();
      expect(carrier.requests).toHaveLength(1);
      expect(await read(runId)).toMatchObject({ recording_url: null });
    },
  );

  test('at most three redirects are followed in one attempt', async () => {
    await server.close();
    await start({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
    carrier.serve = redirectTo('/media/Recordings/again');
    await recordedCall();
    await round();
    expect(carrier.requests).toHaveLength(4);
  });
});

describe('failures', () => {
  const refuse = (status: number) => (_request: unknown, response: ServerResponse) => {
    response.writeHead(status).end('<html>no</html>');
  };

  test('one that is not there yet is fetched at a later attempt', async () => {
    carrier.serve = refuse(404);
    const runId = await recordedCall();
    await round();
    carrier.serve = sendWav;
    await server.advance(4 * second);
    await round();
    expect(carrier.requests).toHaveLength(1);
    await server.advance(1 * second);
    await round();
    expect(carrier.requests).toHaveLength(2);
    expect(await read(runId)).toMatchObject({
      artifacts_ready: true,
      recording_url: `recordings/${runId}.wav`,
    });
  });

  test('one that never comes is tried eight times, further and further apart, and given up with the reason', async () => {
    carrier.serve = refuse(500);
    const runId = await recordedCall();
    const waits: number[] = [];
    let waited = 0;
    while (!(await read(runId)).artifacts_ready) {
      const before = carrier.requests.length;
      await round();
      if (carrier.requests.length > before) {
        waits.push(waited);
        waited = 0;
      }
      await server.advance(second);
      waited += 1;
    }
    expect(waits).toEqual([0, 5, 10, 20, 40, 80, 160, 320]);
    expect(await reasonOf(runId)).toBe('There is no recording: the carrier answered with HTTP 500.');
    await round();
    expect(carrier.requests).toHaveLength(8);
  });

  test('one that crashed the server at every attempt is given up', async () => {
    const runId = await recordedCall();
    await server.services.storage.write((session) =>
      session.run(session.builder.updateTable('awaited_recordings').set({ attempts: 8 }).compile()),
    );
    await round();
    expect(carrier.requests).toEqual([]);
    expect(await reasonOf(runId)).toBe('There is no recording: the server stopped at every attempt.');
    expect(await read(runId)).toMatchObject({ artifacts_ready: true });
  });

  test.each<[string, RecordingCarrier['serve']]>([
    ['an error page', (_request, response) => response.writeHead(200).end('<html>Please log in</html>')],
    ['nothing at all', (_request, response) => response.writeHead(200).end()],
    [
      'a half that breaks off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100000' });
        response.write(wav, () => response.destroy());
      },
    ],
  ])('%s is no recording: nothing is kept, and it is tried again', async (_what, serve) => {
    carrier.serve = serve;
    const runId = await recordedCall();
    await round();
    expect(await read(runId)).toMatchObject({ artifacts_ready: false, recording_url: null });
    expect(await server.services.artifacts.find(`recordings/${runId}.wav`)).toBeNull();
    carrier.serve = sendWav;
    await server.advance(5 * second);
    await round();
    expect(await read(runId)).toMatchObject({
      artifacts_ready: true,
      recording_url: `recordings/${runId}.wav`,
    });
  });

  test('one whose Content-Length is over the limit is given up before any of it is read', async () => {
    carrier.serve = (_request, response) => {
      response.writeHead(200, { 'content-length': String(300 * 1024 * 1024) });
      response.write(wav);
    };
    const runId = await recordedCall();
    await round();
    expect(await read(runId)).toMatchObject({ artifacts_ready: true, recording_url: null });
    expect(await reasonOf(runId)).toBe('There is no recording: it is larger than this server keeps.');
  });

  test('a carrier that never reports the address is waited for five minutes', async () => {
    const runId = await place();
    await report('in-progress', 'completed');
    await server.advance(5 * minute - second);
    await round();
    expect(await read(runId)).toMatchObject({ artifacts_ready: false });
    await server.advance(second);
    await round();
    expect(await read(runId)).toMatchObject({ artifacts_ready: true, recording_url: null });
    expect(await reasonOf(runId)).toBe('There is no recording: its carrier did not say where it is.');
  });

  test('one that is announced after that is fetched all the same, and the run stays ready', async () => {
    const runId = await place();
    await report('in-progress', 'completed');
    await server.advance(6 * minute);
    await round();
    await announce();
    expect(await read(runId)).toMatchObject({ artifacts_ready: true, recording_url: null });
    await round();
    expect(await read(runId)).toMatchObject({
      artifacts_ready: true,
      recording_url: `recordings/${runId}.wav`,
    });
  });

  test('where the telephony configuration was deleted meanwhile, it is given up', async () => {
    const runId = await recordedCall();
    await server.request
      .delete(`${configurationsPath}/${configurationId}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    await round();
    expect(await reasonOf(runId)).toBe(
      'There is no recording: the telephony configuration of the call is gone.',
    );
  });

  test('neither the address of a recording nor a credential gets into the log or the run', async () => {
    carrier.serve = refuse(500);
    const runId = await recordedCall(`https://api.twilio.com${recordingPath}?signature=SECRET-link`);
    await round();
    const told = `${server.logLines.join('\n')}${JSON.stringify(await read(runId))}`;
    expect(told).not.toContain('SECRET');
    expect(told).not.toContain('Recordings/RE0001');
  });
});
