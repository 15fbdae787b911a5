/** Calls that talk by relay, through a loopback carrier: its requests and frames, copied as data from its documentation. */
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks';
import type { ReceivedRequest } from '../../local-server';
import { startTestServer, type Account, type TestServer } from '../../test-server';
import { accountSid, authToken, startTwilio, twilioCallback } from '../twilio';
import type { Vendor, VendorCallback } from '../vendor';
import { addTalkingCarrier, bodyOf, publicBaseUrl, talkingEnvironment, type TalkCaller } from './call';
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
