/** What goes wrong with a relay, and what its carrier says more than once. */
import type { Run } from '@dograh-trigger/shared';
import { readRun } from '../../../support/calls';
import { exchange, rawRequest } from '../../../support/raw-http';
import { playModel } from '../../../support/text-chats';
import {
  bodyOf,
  budgetDefinition,
  closeStage,
  place,
  talkingAgent,
} from '../../../support/vendors/talking/call';
import { readXml } from '../../../support/vendors/talking/document';
import { refusal, type RelayClient } from '../../../support/vendors/talking/relay-client';
import {
  addressOf,
  connect,
  startRelayStage,
  twilioRelay,
  twilioRelayEnd,
  type OfferedRelay,
  type RelayStage,
} from '../../../support/vendors/talking/relays';
import { utterances } from '../../../support/utterances';

const greeting = 'Hi Ada, this is Mia.';

let stage: RelayStage;
beforeEach(async () => {
  stage = await startRelayStage(twilioRelay);
});
afterEach(() => closeStage(stage));

async function offer(): Promise<{ runId: number; offered: OfferedRelay }> {
  const agent = await talkingAgent(stage, budgetDefinition([], { allow_interrupt: true }));
  const { runId, dial } = await place(stage, agent);
  return { runId, offered: await twilioRelay.answer(stage, dial) };
}

/** A call whose callee has heard the greeting. */
async function greeted(): Promise<{ runId: number; offered: OfferedRelay; relay: RelayClient }> {
  const { runId, offered } = await offer();
  const relay = await connect(stage.server.baseUrl, offered);
  expect(await relay.said()).toBe(greeting);
  return { runId, offered, relay };
}

const run = (runId: number): Promise<Run> => readRun(stage.server, stage.account, runId);

const refused = (offered: Pick<OfferedRelay, 'url' | 'headers'>) =>
  refusal(addressOf(stage.server.baseUrl, offered));

/** The document after the relay. */
async function afterwards(offered: OfferedRelay, fields: Record<string, string> = {}) {
  const report = twilioRelayEnd(offered, { SessionStatus: 'failed', ErrorCode: '64105', ...fields });
  return readXml(await bodyOf(stage, report), 'Say', 'Gather');
}

test('the address counts once: a second socket is refused, and the first goes on', async () => {
  playModel(stage.server, { text: 'Fine.' });
  const { offered, relay } = await greeted();
  expect(await refused(offered)).toMatchObject({ status: 409 });
  expect(await relay.answer('How are you?')).toBe('Fine.');
  relay.close();
  await relay.closed;
  expect(await refused(offered)).toMatchObject({ status: 409 });
});

test('a forged signature or token and another address are refused before the upgrade; the address still counts', async () => {
  const { offered } = await offer();
  expect(await refused({ ...offered, headers: {} })).toMatchObject({ status: 401 });
  const forged = { 'x-twilio-signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' };
  expect(await refused({ ...offered, headers: forged })).toMatchObject({ status: 401 });
  const url = `${offered.url.slice(0, -2)}AA`;
  expect(await refused({ ...offered, url })).toMatchObject({ status: 401 });
  expect(await refused({ ...offered, url: offered.url.replace('/relay/', '/turn/') })).toMatchObject({
    status: 404,
  });
  const relay = await connect(stage.server.baseUrl, offered);
  expect(await relay.said()).toBe(greeting);
});

test('a client that offers another protocol than WebSocket gets its reply', async () => {
  const headers = { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings, close', 'HTTP2-Settings': 'AA' };
  const request = rawRequest({ method: 'GET', target: '/api/v1/health', headers });
  const [reply] = await exchange(stage.server.baseUrl, request, ['GET']);
  expect(reply?.status).toBe(200);
});

test('a frame of more than 64 kB closes it with 1009; the call goes on by documents, with the last words again', async () => {
  playModel(stage.server, { text: 'Fine.' });
  const { runId, offered, relay } = await greeted();
  relay.send({ type: 'prompt', voicePrompt: 'x'.repeat(65_536), last: true });
  expect(await relay.closed).toBe(1009);
  const document = await afterwards(offered);
  expect(document).toMatchObject({ over: [greeting] });
  expect(document.listen).toContain('/turn/');
  expect(utterances(await run(runId))).toEqual([greeting]);
});

test('where the carrier could not open it, the call goes on by documents from the greeting on', async () => {
  const { offered } = await offer();
  const document = await afterwards(offered, { ErrorCode: '64101' });
  expect(document).toMatchObject({ over: [greeting] });
});

test('frames that cannot be read change nothing; ten in a row close it', async () => {
  const model = playModel(stage.server, { text: 'Fine.' });
  const { relay } = await greeted();
  const garbage = ['', 'not JSON', '[]', '{"type":"prompt"}', '{"type":"unknown"}', Buffer.from([1, 2])];
  for (const frame of garbage) relay.send(frame);
  expect(await relay.answer('How are you?')).toBe('Fine.');
  for (let sent = 0; sent < 10; sent += 1) relay.send('{"type":"unknown"}');
  expect(await relay.closed).toBe(1008);
  expect(model.requests).toHaveLength(1);
});

test('a relay of another call than the run’s is closed, and says nothing', async () => {
  const { offered } = await offer();
  const setup = { ...offered.setup, callSid: `CA${'9'.repeat(32)}` };
  const relay = await connect(stage.server.baseUrl, { ...offered, setup });
  expect(await relay.closed).toBe(1008);
  expect(relay.frames).toEqual([]);
});

test('words in pieces, and words that are sent twice, are taken once', async () => {
  const model = playModel(stage.server, { text: 'Fine.' }, { text: 'Bye.' });
  const { runId, relay } = await greeted();
  relay.send({ type: 'prompt', voicePrompt: 'How', lang: 'en-US', last: false });
  relay.send({ type: 'prompt', voicePrompt: 'How are', lang: 'en-US', last: false });
  relay.send({ type: 'prompt', voicePrompt: 'How are you?', lang: 'en-US', last: true });
  expect(await relay.answer('How are you?')).toBe('Fine.');
  await stage.server.advance(3000);
  expect(await relay.answer('Nothing more.')).toBe('Bye.');
  expect(model.requests).toHaveLength(2);
  expect(utterances(await run(runId))).toEqual([greeting, 'How are you?', 'Fine.', 'Nothing more.', 'Bye.']);
});

test('an interruption cuts transcript and state to what was heard', async () => {
  const model = playModel(stage.server, { text: 'Sorry, go on.' });
  const { runId, relay } = await greeted();
  relay.send({ type: 'interrupt', utteranceUntilInterrupt: 'Hi Ada,', durationUntilInterruptMs: '460' });
  expect(await relay.answer('Who is this?')).toBe('Sorry, go on.');
  expect(utterances(await run(runId))).toEqual(['Hi Ada,', 'Who is this?', 'Sorry, go on.']);
  expect(model.requests[0]?.messages).toEqual([
    { role: 'assistant', content: 'Hi Ada,' },
    { role: 'user', content: 'Who is this?' },
  ]);
});

test('what the model writes is said before its reply is complete, and kept as it was said', async () => {
  const model = playModel(stage.server, { text: 'I can hear **you** well.' });
  let finish: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => (finish = resolve));
  const reply = model.reply.bind(model);
  Object.assign(model, {
    async reply(request: Parameters<typeof reply>[0], onText?: (text: string) => void) {
      for (const piece of ['I ca', 'n hear **y', 'ou** well.']) onText?.(piece);
      await complete;
      return reply(request);
    },
  });
  const { runId, relay } = await greeted();
  relay.send({ type: 'prompt', voicePrompt: 'Hello?', lang: 'en-US', last: true });
  let said = '';
  while (said !== 'I can hear you') said += (await relay.next()).token ?? '';
  finish();
  expect(said + (await relay.said())).toBe('I can hear you well.');
  expect(utterances(await run(runId)).at(-1)).toBe('I can hear you well.');
});

test('digits are words, silence is asked about, and a second silence ends the call', async () => {
  const model = playModel(
    stage.server,
    { text: 'Thank you.' },
    { text: 'Are you there?' },
    { text: 'Have a good day.' },
  );
  const { runId, relay } = await greeted();
  for (const digit of ['4', '2', '#']) relay.send({ type: 'dtmf', digit });
  expect(await relay.said()).toBe('Thank you.');
  await stage.server.advance(11_000);
  expect(await relay.said()).toBe('Are you there?');
  await stage.server.advance(12_000);
  expect(await relay.said()).toBe('Have a good day.');
  await stage.server.advance(2000);
  expect(await relay.next()).toEqual({ type: 'end', handoffData: 'ended' });
  expect(utterances(await run(runId))).toContain('42');
  expect(model.requests).toHaveLength(3);
});

test('after our end the document only hangs up; where the last words were not said, it says them', async () => {
  playModel(stage.server, { text: 'Are you there?' }, { text: 'Have a good day.' });
  const { offered, relay } = await greeted();
  await stage.server.advance(12_000);
  await relay.said();
  await stage.server.advance(12_000);
  await relay.said();
  const told = await afterwards(offered, { SessionStatus: 'ended', HandoffData: 'ended' });
  expect(told).toMatchObject({ said: [], listen: null, goOn: null });
  expect(await afterwards(offered)).toMatchObject({ said: ['Have a good day.'], listen: null });
});

test('a server that stops opens no relay, and lets open ones end', async () => {
  playModel(stage.server, { text: 'Fine.' });
  const { offered } = await offer();
  const { relay } = await greeted();
  stage.server.services.lifecycle.draining = true;
  expect(await refused(offered)).toMatchObject({ status: 503 });
  const ended = stage.server.relays.end(5000);
  expect(await relay.answer('How are you?')).toBe('Fine.');
  await stage.server.advance(5000);
  expect(await relay.closed).toBe(1001);
  await ended;
});
