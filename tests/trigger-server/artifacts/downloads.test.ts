/** The download route: who may download a file, and which part of it. */
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { createSandbox } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { agentWith, pathOf } from './support';

const hour = 3_600_000;

let server: TestServer;
let account: Account;
let runId: number;
let recording: string;
let transcript: string;
let wav: Buffer;

beforeAll(async () => {
  server = await startTestServer({
    SANDBOX_STEP_MS: '0',
    PUBLIC_BASE_URL: 'https://calls.example.test',
    SIGNUP_ENABLED: 'true',
  });
  account = await server.signUp();
  await createSandbox(server, account);
  const agent = await agentWith(server, account, { recording_enabled: true });
  runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await server.advance(100);
  await fetchDueRecordings(server.services);
  wav = (await server.request.get((await links()).recording).buffer(true)).body as Buffer;
});
afterAll(() => server.close());
beforeEach(async () => {
  ({ recording, transcript } = await links());
});

async function links() {
  const run = await readRun(server, account, runId);
  return { recording: pathOf(run.recording_public_url), transcript: pathOf(run.transcript_public_url) };
}

const tokenOf = (path: string) => path.split('/').at(-2) ?? '';
const download = (path: string, headers: Record<string, string> = {}) =>
  server.request.get(path).set(headers).buffer(true);

describe('tokens', () => {
  test('a link begins with the server’s public address, and its token is the run’s public_access_token', async () => {
    const run = await readRun(server, account, runId);
    const token = run.public_access_token ?? '';
    expect(run.recording_public_url).toBe(
      `https://calls.example.test/api/v1/public/download/workflow/${token}/recording`,
    );
    expect(token).toMatch(/^[\w-]{32}$/);
  });

  test('a link needs no API key and holds for 24 hours, then never again', async () => {
    await download(recording).expect(200);
    await server.advance(24 * hour - 1000);
    await download(recording).expect(200);
    await server.advance(1000);
    const refused = await download(recording).expect(404);
    expect(refused.body).toMatchObject({ detail: 'Invalid or expired token' });
    await download((await links()).recording).expect(200);
  });

  test('the operator says how long links hold', async () => {
    const other = await startTestServer({ SANDBOX_STEP_MS: '0', DOWNLOAD_LINK_HOURS: '1' });
    const owner = await other.signUp();
    await createSandbox(other, owner);
    const otherRun = await startCall(other, owner, await agentWith(other, owner, {}), {
      phone_number: '+14155550100',
    });
    await other.advance(100);
    const link = pathOf((await readRun(other, owner, otherRun)).transcript_public_url);
    await other.advance(hour - 1000);
    await other.request.get(link).expect(200);
    await other.advance(1000);
    await other.request.get(link).expect(404);
    await other.close();
  });

  test('a token with any one character changed opens nothing', async () => {
    const token = tokenOf(recording);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const forged = token.slice(0, index) + other + token.slice(index + 1);
      const reply = await download(recording.replace(token, forged)).expect(404);
      expect(reply.body).toMatchObject({ detail: 'Invalid or expired token' });
    }
  });

  test.each(['x', 'AAAA', '%2e%2e', 'A'.repeat(32), 'A'.repeat(5000), '1', `+${'A'.repeat(31)}`])(
    'what is no token opens nothing: %.20s',
    async (token) => {
      await download(recording.replace(tokenOf(recording), token)).expect(404);
    },
  );

  test('another spelling of a token is no token', async () => {
    const token = tokenOf(recording);
    for (const spelling of [`${token}=`, `${token}.`, ` ${token}`, `${token}A`]) {
      await download(recording.replace(token, encodeURIComponent(spelling))).expect(404);
    }
  });

  test('a server with another key does not take it', async () => {
    const other = await startTestServer();
    const key = other.services.secrets.downloadKey;
    key[0] = (key[0] ?? 0) ^ 1;
    await other.request.get(recording).expect(404);
    await other.close();
  });

  test('another organization cannot read the run, and so gets no link', async () => {
    const stranger = await server.signUp();
    const reply = await server.request
      .get(`/api/v1/workflow/0/runs/${runId}`)
      .set('X-API-Key', stranger.apiKey)
      .expect(404);
    expect(JSON.stringify(reply.body)).not.toContain('download');
  });

  test('a token opens the files of its own run alone', async () => {
    const agent = await agentWith(server, account, {});
    const otherId = await startCall(server, account, agent, { phone_number: '+14155550100' });
    await server.advance(100);
    const other = await readRun(server, account, otherId);
    const path = pathOf(other.transcript_public_url);
    expect(tokenOf(path)).not.toBe(tokenOf(recording));
    const reply = await download(path.replace(/transcript$/, 'recording')).expect(404);
    expect(reply.body).toMatchObject({ detail: 'No recording available for this workflow run' });
  });

  test('neither tokens nor addresses get into the log', async () => {
    await download(recording).expect(200);
    const lines = server.logLines.filter((line) => line.includes('/public/download'));
    expect(lines.at(-1)).toContain('"route":"/public/download/workflow/{token}/{artifact_type}"');
    expect(lines.at(-1)).toContain(`"runId":${runId}`);
    expect(server.logLines.join('\n')).not.toContain(tokenOf(recording));
  });
});

describe('types', () => {
  test.each(['user_recording', 'bot_recording'])('there is no %s of a call', async (type) => {
    const reply = await download(recording.replace(/recording$/, type)).expect(404);
    expect(reply.body).toMatchObject({ detail: `No ${type} available for this workflow run` });
  });

  test.each(['recordings', 'RECORDING', '..%2f..%2ftrigger.db', '%00', 'toString'])(
    'an unknown type of file is a 400: %s',
    async (type) => {
      const reply = await download(recording.replace(/recording$/, type)).expect(400);
      expect(reply.body).toMatchObject({ detail: 'Unsupported artifact type' });
    },
  );

  test('nothing is listed above a file', async () => {
    const folder = recording.replace(/\/recording$/, '');
    for (const path of [folder, `${folder}/`, folder.replace(/\/[^/]+$/, '')]) {
      await download(path).expect(404);
    }
  });

  test('inline says that a browser may show it, under the same name', async () => {
    const saved = await download(recording).expect(200);
    const shown = await download(`${recording}?inline=true`).expect(200);
    expect(saved.headers['content-disposition']).toBe(`attachment; filename="recording-${runId}.wav"`);
    expect(shown.headers['content-disposition']).toBe(`inline; filename="recording-${runId}.wav"`);
    expect(shown.headers['x-content-type-options']).toBe('nosniff');
  });

  test('a recording that is no longer in its folder is a 404, and the log says so', async () => {
    const agent = await agentWith(server, account, { recording_enabled: true });
    const lostId = await startCall(server, account, agent, { phone_number: '+14155550100' });
    await server.advance(100);
    await fetchDueRecordings(server.services);
    await server.services.artifacts.delete(`recordings/${lostId}.wav`);
    const lost = await readRun(server, account, lostId);
    await download(pathOf(lost.recording_public_url)).expect(404);
    expect(server.logLines.join('\n')).toContain('a recording is no longer where it was kept');
  });
});

describe('ranges', () => {
  test('a whole file says its length, and that parts can be had', async () => {
    const reply = await download(recording).expect(200);
    expect(reply.headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(wav.length),
    });
    expect(reply.headers).not.toHaveProperty('content-range');
  });

  test.each([
    ['bytes=0-3', 0, 3],
    ['bytes=4-4', 4, 4],
    ['bytes=100-', 100, null],
    ['bytes=-10', -10, null],
    ['bytes=5-99999999', 5, null],
    ['bytes=-99999999', 0, null],
    ['BYTES=0-3', 0, 3],
  ] as const)('206: %s', async (range, from, to) => {
    const start = from < 0 ? wav.length + from : from;
    const end = to ?? wav.length - 1;
    const reply = await download(recording, { Range: range }).expect(206);
    expect(reply.headers['content-range']).toBe(`bytes ${start}-${end}/${wav.length}`);
    expect(reply.headers['content-length']).toBe(String(end - start + 1));
    expect((reply.body as Buffer).equals(wav.subarray(start, end + 1))).toBe(true);
  });

  test.each(['bytes=99999999-', 'bytes=99999999-100000000', 'bytes=-0'])(
    '416 with the length of the file: %s',
    async (range) => {
      const reply = await download(recording, { Range: range }).expect(416);
      expect(reply.headers['content-range']).toBe(`bytes */${wav.length}`);
      expect(reply.body).toMatchObject({ detail: 'The file has no such bytes' });
    },
  );

  test.each(['bytes=0-3,8-9', 'bytes=9-3', 'bytes=a-b', 'bytes=-', 'items=0-3', 'bytes=0-3x', ''])(
    'several ranges, another unit, or what cannot be read, is the whole file: %j',
    async (range) => {
      const reply = await download(recording, { Range: range }).expect(200);
      expect(reply.headers['content-length']).toBe(String(wav.length));
    },
  );

  test('If-Range with the file’s own tag gives the part, with any other the whole', async () => {
    const { etag = '' } = (await download(recording)).headers as { etag?: string };
    expect(etag).toMatch(/^"[^"]+"$/);
    const range = { Range: 'bytes=0-3' };
    await download(recording, { ...range, 'If-Range': etag }).expect(206);
    await download(recording, { ...range, 'If-Range': '"another"' }).expect(200);
    await download(recording, { ...range, 'If-Range': new Date().toUTCString() }).expect(200);
  });

  test('a part of a transcript is cut by bytes', async () => {
    const text = (await download(transcript)).text;
    const reply = await download(transcript, { Range: 'bytes=1-4' }).expect(206);
    expect(reply.text).toBe(text.slice(1, 5));
  });

  test('HEAD returns the headers of the whole file; ranges are for GET only', async () => {
    const whole = await server.request.head(recording).expect(200);
    expect(whole.headers['content-length']).toBe(String(wav.length));
    expect(whole.headers['content-type']).toBe('audio/wav');
    const ranged = await server.request.head(recording).set('Range', 'bytes=0-3').expect(200);
    expect(ranged.headers['content-length']).toBe(String(wav.length));
    await server.request.head(recording).set('Range', 'bytes=999999999-').expect(200);
  });

  test('any other method is a 405', async () => {
    await server.request.post(recording).expect(405);
    await server.request.delete(recording).expect(405);
  });
});
