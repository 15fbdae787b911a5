/** Carriers are asked about open calls without a recent report: soon enough, and not too often. */
import { AccountPaces } from '../../../trigger-server/src/calls/questions/account-paces';
import { recovery } from '../../../trigger-server/src/calls/resume-calls';
import { ended } from '../../../trigger-server/src/carriers/port/report';
import { createAgent, readyToCall, type TestAgent } from '../../support/agents';
import { askByHand, questionsPerSecond as perSecond } from '../../support/ask-carriers';
import { readRun, startCall } from '../../support/calls';
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';
import { addTwilio } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let carrier: LocalServer;
let server: TestServer;
let account: Account;
let agent: TestAgent;
/** The carrier's reply for every call: HTTP status and word. */
let status: number;
let word: string;
/** Whether the carrier accepts requests without ever replying. */
let hangs: boolean;

beforeEach(async () => {
  [status, word] = [200, 'ringing'];
  hangs = false;
  let calls = 0;
  carrier = await startLocalServer(({ method, url }, response) => {
    const asked = /(CA\d+)\.json$/.exec(url)?.[1];
    if (hangs && (asked !== undefined || url.includes('Status=in-progress'))) return;
    if (asked !== undefined) {
      replyJson(response, status, { sid: asked, status: word });
      return;
    }
    calls += 1;
    replyJson(response, method === 'POST' ? 201 : 503, { sid: `CA${String(calls)}` });
  });
  server = await startTestServer({
    TWILIO_API_BASE_URL: carrier.url,
    PUBLIC_BASE_URL: 'https://calls.example.com',
    DEFAULT_ORG_CONCURRENCY_LIMIT: '1000',
  });
  account = await server.signUp();
  agent = await createAgent(server, account);
  await addTwilio(server, account, { name: 'Carrier', is_default_outbound: true, number: '+14155550123' });
});
afterEach(async () => {
  // Closed first, so that a request without a reply ends.
  await carrier.close();
  await server.close();
});

const call = () => startCall(server, account, agent, { phone_number: '+14155550100' });
const questionCount = () => carrier.requests.filter(({ url }) => /CA\d+\.json$/.test(url)).length;

async function placeCalls(count: number): Promise<number[]> {
  const runIds = [];
  for (let placed = 0; placed < count; placed += 1) runIds.push(await call());
  return runIds;
}

type Passing = Awaited<ReturnType<typeof askByHand>>;

/** Lets `count` seconds pass. @returns the number of status requests in each second. */
async function passSeconds(count: number, pass: Passing): Promise<number[]> {
  const asked: number[] = [];
  let before = questionCount();
  await pass(count, () => {
    asked.push(questionCount() - before);
    before = questionCount();
  });
  return asked;
}

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

const failuresLogged = () => server.logLines.filter((line) => line.includes('could not be asked')).length;

test('twenty open calls are asked about once in 30 to 60 seconds each', async () => {
  const pass = await askByHand(server);
  await placeCalls(20);
  const asked = await passSeconds(300, pass);
  expect(sum(asked.slice(0, 29))).toBe(0);
  expect(sum(asked)).toBeGreaterThanOrEqual(20 * 5);
  expect(sum(asked)).toBeLessThanOrEqual(20 * 10);
});

test('a hundred calls that are due together are asked about at the pace of their account, each once', async () => {
  const pass = await askByHand(server);
  await placeCalls(100);
  await (await recovery(server.services).start()).stop();
  const asked = await passSeconds(100 / perSecond + 1, pass);
  expect(Math.max(...asked)).toBeLessThanOrEqual(perSecond + 1);
  expect(sum(asked)).toBe(100);
  const paths = new Set(carrier.requests.map(({ url }) => url).filter((url) => /CA\d+\.json$/.test(url)));
  expect(paths.size).toBe(100);
});

test('a report postpones the next question', async () => {
  const runId = await call();
  await server.advance(29_000);
  await server.services
    .callReports('twilio')
    .report({ runId, attempt: 1 }, [{ status: 'ringing', rawStatus: 'ringing' }]);
  await server.advance(29_900);
  expect(questionCount()).toBe(0);
});

test('at the start of the server every open call is asked about at once', async () => {
  const pass = await askByHand(server);
  await call();
  await (await recovery(server.services).start()).stop();
  await pass(1);
  expect(questionCount()).toBe(1);
});

test('an end is written after ten seconds, so that the carrier’s more detailed report can come first', async () => {
  const pass = await askByHand(server);
  const [heard = 0, unheard = 0] = await placeCalls(2);
  await (await recovery(server.services).start()).stop();
  word = 'completed';
  await pass(5);
  expect(questionCount()).toBe(2);
  expect((await readRun(server, account, heard)).is_completed).toBe(false);
  const report = { ...ended('declined'), rawStatus: 'busy' };
  await server.services.callReports('twilio').report({ runId: heard, attempt: 1 }, [report]);
  await pass(10);
  expect((await readRun(server, account, heard)).status).toBe('busy');
  expect((await readRun(server, account, unheard)).is_completed).toBe(true);
});

test('the end of a later attempt waits for the carrier’s report, too, whatever was asked about the first one', async () => {
  const pass = await askByHand(server);
  const retry = { max_attempts: 2, on: ['busy'], after: ['PT1M'] };
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100', retry });
  const ask = async () => (await recovery(server.services).start()).stop();
  await ask();
  word = 'busy';
  await pass(5);
  const report = { ...ended('busy'), rawStatus: 'busy' };
  await server.services.callReports('twilio').report({ runId, attempt: 1 }, [report]);
  await pass(60);
  await server.dispatcher.placeDue();
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'initiated', attempt: 2 });
  const before = questionCount();
  await ask();
  await pass(5);
  expect(questionCount()).toBe(before + 1);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  await pass(10);
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'busy', is_completed: true });
});

test('a status that the run already has is not written again', async () => {
  const pass = await askByHand(server);
  const runId = await call();
  await passSeconds(180, pass);
  expect(questionCount()).toBeGreaterThan(2);
  const { logs } = await readRun(server, account, runId);
  expect(logs?.telephony_status_callbacks).toHaveLength(1);
});

test('a carrier that fails is asked after longer and longer pauses, and first failure and recovery are logged', async () => {
  const pass = await askByHand(server);
  const runIds = await placeCalls(10);
  status = 503;
  const asked = await passSeconds(20 * 60, pass);
  // Pauses of 1, 2, 4, 8 and 10 minutes. After each, the requests that are due in the same second fail together.
  expect(sum(asked.slice(0, 60))).toBeGreaterThan(0);
  expect(sum(asked)).toBeLessThanOrEqual(5 * 3);
  expect(failuresLogged()).toBe(1);
  [status, word] = [200, 'completed'];
  await passSeconds(11 * 60, pass);
  for (const runId of runIds) expect((await readRun(server, account, runId)).is_completed).toBe(true);
  expect(server.logLines.filter((line) => line.includes('answers questions'))).toHaveLength(1);
});

test('a carrier that hangs has at most ten requests in flight', async () => {
  await placeCalls(30);
  hangs = true;
  await (await recovery(server.services).start()).stop();
  await server.advance(10_000);
  while (questionCount() < 10) await server.request.get('/api/v1/health');
  await server.advance(10_000);
  for (let round = 0; round < 10; round += 1) await server.request.get('/api/v1/health');
  expect(questionCount()).toBe(10);
});

test('a carrier that hangs when its calls are listed delays no other carrier’s calls', async () => {
  for (const runId of await placeCalls(60)) {
    await server.services
      .callReports('twilio')
      .report({ runId, attempt: 1 }, [{ status: 'answered', rawStatus: 'in-progress' }]);
  }
  hangs = true;
  await (await recovery(server.services).start()).stop();
  await server.advance(10_000);
  while (carrier.requests.every(({ url }) => !url.includes('Status=in-progress'))) {
    await server.request.get('/api/v1/health');
  }
  const other = await readyToCall(server);
  const runId = await startCall(server, other.account, other.agent, { phone_number: '+14155550100' });
  await server.advance(1000);
  expect((await readRun(server, other.account, runId)).status).not.toBe('initiated');
});

describe('a question that waits for its account', () => {
  test('is not sent before its time, however often its run is due', async () => {
    const paces = new AccountPaces(server.services);
    expect([1, 2, 3].map((runId) => paces.waitFor(1, runId, perSecond))).toEqual([0, 200, 400]);
    await server.advance(100);
    expect([2, 3].map((runId) => paces.waitFor(1, runId, perSecond))).toEqual([100, 300]);
    await server.advance(100);
    expect([2, 3].map((runId) => paces.waitFor(1, runId, perSecond))).toEqual([0, 200]);
  });

  test('queues again after a silence, so that all together keep to the pace', async () => {
    const paces = new AccountPaces(server.services);
    paces.waitFor(1, 0, perSecond);
    const waiting = Array.from({ length: 53 }, (_, index) => index + 1);
    for (const runId of waiting) paces.waitFor(1, runId, perSecond);
    for (const runId of [1, 2]) paces.noteFailure(1, runId, {});
    await server.advance(90_000);
    paces.noteAnswer(1);
    const waits = waiting.map((runId) => paces.waitFor(1, runId, perSecond));
    expect(waits).toEqual(waiting.map((_, index) => index * 200));
  });
});

test('an account is silent only after questions about two calls failed without an answer between them', () => {
  const paces = new AccountPaces(server.services);
  for (let count = 0; count < 5; count += 1) paces.noteFailure(1, 7, {});
  expect(paces.silenceOf(1)).toBe(0);
  paces.noteAnswer(1);
  paces.noteFailure(1, 8, {});
  expect(paces.silenceOf(1)).toBe(0);
  paces.noteFailure(1, 7, {});
  expect(paces.silenceOf(1)).toBeGreaterThan(0);
});

test('without readable credentials the carrier is not asked, and the call is followed up again', async () => {
  const pass = await askByHand(server);
  const runId = await call();
  const { read } = server.services.storage;
  server.changeSecretsKey('7a'.repeat(32));
  await passSeconds(60, pass);
  expect(questionCount()).toBe(0);
  const row = await read.first(
    read.builder.selectFrom('runs').select('follow_up_at').where('id', '=', runId).compile(),
  );
  expect(String(row?.follow_up_at) > server.clock.steady().toISOString()).toBe(true);
});
