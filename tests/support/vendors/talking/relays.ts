/** Calls that talk by relay, through a loopback carrier: its requests and frames, copied as data from its documentation. */
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks';
import type { ReceivedRequest } from '../../local-server';
import { startTestServer, type Account, type TestServer } from '../../test-server';
import { accountSid, authToken, startTwilio, twilioCallback } from '../twilio';
import { startTelnyx, telnyxSettings, telnyxWebhook, type Telnyx } from '../telnyx';
import type { Vendor, VendorCallback } from '../vendor';
import { addTalkingCarrier, bodyOf, publicBaseUrl, send, talkingEnvironment, type TalkCaller } from './call';
import type { TalkingCarrier } from './carriers';
import { RelayClient, type RelayAddress } from './relay-client';

/** A relay that the carrier was told to open. */
export interface OfferedRelay {
  /** `wss://` on the public address. */
  url: string;
  endUrl: string;
  /** The document's or command's other words for it. */
  attributes: Record<string, unknown>;
  headers: Record<string, string>;
  /** Its first frame. */
  setup: object;
}

export interface RelayCarrier extends Pick<
  TalkingCarrier,
  'name' | 'startVendor' | 'configuration' | 'addressVariable'
> {
  /** The callee picks up. */
  answer(stage: Pick<TalkCaller, 'server' | 'vendor'>, dial: ReceivedRequest): Promise<OfferedRelay>;
}

export interface RelayStage {
  server: TestServer;
  account: Account;
  vendor: Vendor;
  carrier: RelayCarrier;
}

/** https://www.twilio.com/docs/voice/twiml/connect/conversationrelay */
export const twilioRelay: RelayCarrier = {
  name: 'twilio',
  startVendor: () => startTwilio(),
  configuration: { account_sid: accountSid, auth_token: authToken, conversation_relay: true },
  addressVariable: 'TWILIO_API_BASE_URL',
  async answer(stage, dial) {
    const request = stage.vendor.answerRequest(dial);
    if (request === null) throw new Error('The vendor asks for no document');
    const callSid = new URLSearchParams(String(request.body)).get('CallSid') ?? '';
    return readTwiml(await bodyOf(stage, request), callSid);
  },
};

/** https://developers.telnyx.com/docs/voice/conversation-relay */
export const telnyxRelay: RelayCarrier = {
  name: 'telnyx',
  startVendor: startTelnyx,
  configuration: telnyxSettings,
  addressVariable: 'TELNYX_API_BASE_URL',
  async answer(stage, dial) {
    const vendor = stage.vendor as Telnyx;
    const answered = vendor.callback(dial, 'answered');
    if (answered === null) throw new Error('The vendor reports no answer');
    await send(stage, answered).expect(200);
    const start = vendor.commands.find(({ action }) => action === 'conversation_relay_start');
    if (start === undefined) throw new Error('No relay was started');
    const { url = '', ...attributes } = start.fields;
    const callControlId = vendor.callIdOf(dial);
    return {
      url,
      endUrl: (JSON.parse(dial.body.toString()) as { webhook_url: string }).webhook_url,
      attributes,
      headers: {},
      // The same page, "setup"
      setup: {
        type: 'setup',
        sessionId: 'fb4a2b8e-6e5b-4b8e-9a57-2d3f3a0f0001',
        callControlId,
        callSessionId: 'ff55a038-6f5d-11ef-9692-02420aeffb1f',
        callLegId: '428c31b6-7af4-4bcb-b7f5-5013ef9657c1',
        from: '+14155550123',
        to: '+14155550100',
        direction: 'outgoing',
        customParameters: {},
      },
    };
  },
};

/** The webhook about the end of a relay, or about what Telnyx speaks. */
export function telnyxRelayEvent(
  { endUrl, setup }: OfferedRelay,
  event: string,
  fields: Record<string, string> = {},
): VendorCallback {
  const { callControlId } = setup as { callControlId: string };
  return telnyxWebhook(endUrl, event, { call_control_id: callControlId, ...fields });
}

function readTwiml(xml: string, callSid: string): OfferedRelay {
  const [, action] = /<Connect action="([^"]*)" method="POST">/.exec(xml) ?? [];
  const [, attributes] = /<ConversationRelay ([^>]*)\/>/.exec(xml) ?? [];
  if (action === undefined || attributes === undefined) throw new Error(`There is no relay in ${xml}`);
  const found = Object.fromEntries(
    [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const { url = '', ...others } = found;
  return {
    url,
    endUrl: action,
    attributes: others,
    headers: { 'x-twilio-signature': getExpectedTwilioSignature(authToken, url, {}) },
    // https://www.twilio.com/docs/voice/conversationrelay/websocket-messages, "Setup message"
    setup: {
      type: 'setup',
      sessionId: 'VX00000000000000000000000000000001',
      accountSid,
      parentCallSid: '',
      callSid,
      from: '+14155550123',
      to: '+14155550100',
      forwardedFrom: '',
      callType: 'PSTN',
      callerName: '',
      direction: 'outbound-api',
      callStatus: 'in-progress',
      customParameters: {},
    },
  };
}

/** https://www.twilio.com/docs/voice/twiml/connect/conversationrelay, "Action URL" */
export function twilioRelayEnd(
  { endUrl, setup }: OfferedRelay,
  fields: Record<string, string>,
): VendorCallback {
  return twilioCallback(endUrl, {
    AccountSid: accountSid,
    CallSid: (setup as { callSid: string }).callSid,
    CallStatus: 'in-progress',
    Direction: 'outbound-api',
    From: '+14155550123',
    To: '+14155550100',
    SessionId: 'VX00000000000000000000000000000001',
    SessionDuration: '25',
    ...fields,
  });
}

export async function startRelayStage(
  carrier: RelayCarrier,
  environment: Record<string, string> = {},
): Promise<RelayStage> {
  const vendor = await carrier.startVendor();
  const server = await startTestServer({ ...talkingEnvironment({ vendor, carrier }), ...environment });
  const stage = { server, account: await server.signUp(), vendor, carrier };
  await addTalkingCarrier(stage);
  return stage;
}

/** Where a server that is not reached at its public address serves it. */
export function addressOf(
  baseUrl: string,
  { url, headers }: Pick<OfferedRelay, 'url' | 'headers'>,
): RelayAddress {
  const path = url.slice(publicBaseUrl.replace(/^http/, 'ws').length);
  return { url: `${baseUrl.replace(/^http/, 'ws')}${path}`, headers };
}

/** The carrier opens the relay. */
export async function connect(baseUrl: string, offered: OfferedRelay): Promise<RelayClient> {
  const client = await RelayClient.open(addressOf(baseUrl, offered));
  client.send(offered.setup);
  return client;
}
