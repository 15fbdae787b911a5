/** What is Telnyx's own of a conversation by relay: commands and webhooks in place of documents. */
import { readRun } from '../../../support/calls';
import { playModel } from '../../../support/text-chats';
import {
  budgetDefinition,
  closeStage,
  place,
  send,
  talkingAgent,
} from '../../../support/vendors/talking/call';
import { refusal } from '../../../support/vendors/talking/relay-client';
import {
  addressOf,
  connect,
  startRelayStage,
  telnyxRelay,
  telnyxRelayEvent,
  type OfferedRelay,
  type RelayStage,
} from '../../../support/vendors/talking/relays';
import type { Telnyx } from '../../../support/vendors/telnyx';
import { readLateResults } from '../../../support/late-results';
import { utterances } from '../../../support/utterances';

const greeting = 'Hi Ada, this is Mia.';
const closing = 'Sorry, something is not working here. We will be in touch. Goodbye.';

let stage: RelayStage;
beforeEach(async () => {
  stage = await startRelayStage(telnyxRelay);
});
afterEach(() => closeStage(stage));

async function answered() {
  const agent = await talkingAgent(stage, budgetDefinition());
  const { runId, dial } = await place(stage, agent);
  return { runId, dial, offered: await telnyxRelay.answer(stage, dial) };
}

const run = (runId: number) => readRun(stage.server, stage.account, runId);
const commands = () => (stage.vendor as Telnyx).commands;
const actions = () => commands().map(({ action }) => action);
const report = (offered: OfferedRelay, event: string, fields?: Record<string, string>) =>
  send(stage, telnyxRelayEvent(offered, event, fields)).expect(200);

test('the relay is started once, in the language and with the voice of the call, and the address counts once', async () => {
  const { dial, offered } = await answered();
  expect(offered.attributes).toMatchObject({ language: 'en-US', interruptible: 'any', command_id: 'relay' });
  await send(stage, stage.vendor.callback(dial, 'answered')!).expect(200);
  expect(actions()).toEqual(['conversation_relay_start']);
  const relay = await connect(stage.server.baseUrl, offered);
  expect(await relay.said()).toBe(greeting);
  expect(await refusal(addressOf(stage.server.baseUrl, offered))).toMatchObject({ status: 409 });
  const forged = { ...offered, url: `${offered.url.slice(0, -1)}x` };
  expect(await refusal(addressOf(stage.server.baseUrl, forged))).toMatchObject({ status: 401 });
  relay.close();
});

test('a relay of another call than the run’s is closed, and says nothing', async () => {
  const { offered } = await answered();
  const relay = await connect(stage.server.baseUrl, {
    ...offered,
    setup: { ...offered.setup, callControlId: 'v3:another' },
  });
  expect(await relay.closed).toBe(1008);
  expect(relay.frames).toEqual([]);
});

test('once everything is said, the end of the relay hangs up', async () => {
  playModel(stage.server, { text: 'Are you there?' }, { text: 'Have a good day.' });
  const { offered } = await answered();
  const relay = await connect(stage.server.baseUrl, offered);
  await relay.said();
  await relay.read();
  await stage.server.advance(12_000);
  expect(await relay.said()).toBe('Are you there?');
  await relay.read();
  await stage.server.advance(12_000);
  expect(await relay.said()).toBe('Have a good day.');
  await stage.server.advance(2000);
  expect(await relay.next()).toMatchObject({ type: 'end' });
  relay.close();
  await report(offered, 'call.conversation.ended', { reason: 'application_ended' });
  expect(actions()).toEqual(['conversation_relay_start', 'hangup']);
});

test('where it breaks off, the callee hears why, the call is hung up then, and the run says that it broke off', async () => {
  playModel(stage.server, { text: 'I see.' });
  const { runId, dial, offered } = await answered();
  const relay = await connect(stage.server.baseUrl, offered);
  await relay.said();
  expect(await relay.answer('Yes, speaking.')).toBe('I see.');
  relay.close();
  await relay.closed;
  const ended = telnyxRelayEvent(offered, 'call.conversation.ended', { reason: 'customer_disconnect' });
  await send(stage, ended).expect(200);
  await send(stage, ended).expect(200);
  expect(actions()).toEqual(['conversation_relay_start', 'speak']);
  const { payload = '', client_state = '' } = commands()[1]?.fields ?? {};
  expect(payload).toBe(closing);
  await report(offered, 'call.speak.started', { client_state });
  await stage.server.services.background.ended();
  await report(offered, 'call.speak.ended', { client_state, status: 'completed' });
  expect(actions()).toEqual(['conversation_relay_start', 'speak', 'hangup']);
  await send(stage, stage.vendor.callback(dial, 'completed')!).expect(200);
  await readLateResults(stage.server.services);
  const after = await run(runId);
  expect(after).toMatchObject({ status: 'completed', gathered_context: { call_disposition: 'error' } });
  expect(utterances(after)).toEqual([greeting, 'Yes, speaking.', 'I see.', closing]);
});

test('what a relay speaks is no announcement: its reports hang nobody up', async () => {
  const { offered } = await answered();
  const relay = await connect(stage.server.baseUrl, offered);
  await relay.said();
  await report(offered, 'call.speak.ended', { status: 'completed' });
  expect(actions()).toEqual(['conversation_relay_start']);
  relay.close();
});

test('a relay that Telnyx refuses to start is no silence: the callee hears why, and the call is hung up', async () => {
  const agent = await talkingAgent(stage, budgetDefinition());
  const { dial } = await place(stage, agent);
  (stage.vendor as Telnyx).refuseNext(422);
  await send(stage, stage.vendor.callback(dial, 'answered')!).expect(200);
  expect(actions()).toEqual(['speak']);
  const { payload, client_state = '' } = commands()[0]?.fields ?? {};
  expect(payload).toBe(closing);
  const { webhook_url: endUrl } = JSON.parse(dial.body.toString()) as { webhook_url: string };
  const setup = { callControlId: (stage.vendor as Telnyx).callIdOf(dial) };
  const event = { url: '', endUrl, attributes: {}, headers: {}, setup };
  await report(event, 'call.speak.ended', { client_state, status: 'completed' });
  expect(actions()).toEqual(['speak', 'hangup']);
});

test('a call that would leave a message on a machine is refused: it cannot be spoken beside a relay', async () => {
  const agent = await talkingAgent(stage, budgetDefinition());
  const refused = await stage.server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', stage.account.apiKey)
    .send({ phone_number: '+14155550100', voicemail: { action: 'leave_message', message: 'Call us.' } })
    .expect(501);
  expect(refused.body).toMatchObject({ code: 'voicemail_not_supported' });
  expect(stage.vendor.dials).toHaveLength(0);
});
