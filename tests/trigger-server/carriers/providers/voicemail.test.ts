/** How each carrier is asked to detect machines, and how long a call waits for one. */
import { providers } from '../../../../trigger-server/src/carriers/registry';
import { callbackUrl } from '../../../../trigger-server/src/calls/carrier/callback-urls';
import type { OutboundCall } from '../../../../trigger-server/src/carriers/port/call';
import type { TelephonyProvider } from '../../../../trigger-server/src/carriers/port/provider';
import { createAgent } from '../../../support/agents';
import { startCall } from '../../../support/calls';
import { addPhoneNumber, configurationsPath } from '../../../support/telephony';
import { startTestServer } from '../../../support/test-server';
import { outboundCall, vendorHost } from '../../../support/vendors/host';
import { plivoCredentials, startPlivo } from '../../../support/vendors/plivo';
import { startTelnyx, telnyxSettings } from '../../../support/vendors/telnyx';
import { accountSid, authToken, startTwilio, twilioCallback } from '../../../support/vendors/twilio';
import { startVobiz, vobizCredentials } from '../../../support/vendors/vobiz';
import { startVonage, vonageSettings } from '../../../support/vendors/vonage';

const accounts = {
  twilio: { start: startTwilio, settings: { account_sid: accountSid, auth_token: authToken } },
  plivo: { start: startPlivo, settings: plivoCredentials },
  vobiz: { start: startVobiz, settings: vobizCredentials },
  vonage: { start: startVonage, settings: vonageSettings },
  telnyx: { start: startTelnyx, settings: telnyxSettings },
};
type Name = keyof typeof accounts;

/** The fields of a dial that are about machines. */
async function detection(name: Name, voicemail: OutboundCall['voicemail']): Promise<Record<string, unknown>> {
  const { start, settings } = accounts[name];
  const vendor = await start();
  const host = vendorHost(name, { origin: vendor.origin });
  try {
    const provider: TelephonyProvider = providers[name];
    const configuration = provider.configuration.parse({ ...settings, amd_enabled: false });
    const result = await provider.placeCall(configuration, outboundCall(host, { voicemail }), host);
    expect(result.outcome).toBe('placed');
    const body = vendor.dials.at(-1)?.body.toString() ?? '';
    const fields =
      name === 'twilio' ? Object.fromEntries(new URLSearchParams(body)) : (JSON.parse(body) as object);
    return Object.fromEntries(Object.entries(fields).filter(([field]) => /machine|amd/i.test(field)));
  } finally {
    await host.close();
    await vendor.close();
  }
}

const url = (name: string, purpose: string) => expect.stringContaining(`/${name}/${purpose}/`) as string;

test.each<[Name, OutboundCall['voicemail'], object]>([
  ['twilio', 'hang_up', { MachineDetection: 'Enable' }],
  ['twilio', 'speak', { MachineDetection: 'Enable' }],
  [
    'twilio',
    'leave_message',
    {
      MachineDetection: 'DetectMessageEnd',
      AsyncAmd: 'true',
      AsyncAmdStatusCallback: url('twilio', 'machine'),
      AsyncAmdStatusCallbackMethod: 'POST',
    },
  ],
  ['plivo', 'hang_up', { machine_detection: 'hangup' }],
  [
    'plivo',
    'leave_message',
    {
      machine_detection: 'true',
      machine_detection_url: url('plivo', 'status'),
      machine_detection_method: 'POST',
    },
  ],
  ['vobiz', 'hang_up', { machine_detection: 'hangup' }],
  [
    'vobiz',
    'speak',
    {
      machine_detection: 'true',
      machine_detection_url: url('vobiz', 'status'),
      machine_detection_method: 'POST',
    },
  ],
  ['vonage', 'hang_up', { advanced_machine_detection: { behavior: 'hangup', mode: 'detect' } }],
  ['vonage', 'speak', { machine_detection: 'continue' }],
  [
    'vonage',
    'leave_message',
    { advanced_machine_detection: { behavior: 'continue', mode: 'default', beep_timeout: 45 } },
  ],
  ['telnyx', 'hang_up', { answering_machine_detection: 'detect' }],
  ['telnyx', 'leave_message', { answering_machine_detection: 'greeting_end' }],
])('%s with %s, where the account detects nothing', async (name, voicemail, expected) => {
  expect(await detection(name, voicemail)).toEqual(expected);
});

test.each(Object.keys(accounts) as Name[])(
  '%s detects nothing for a call that does not ask for it',
  async (name) => {
    expect(await detection(name, null)).toEqual({});
  },
);

test('after its announcement a call waits for the end of a machine’s greeting, but not for ever', async () => {
  const vendor = await startTwilio();
  const publicBaseUrl = 'https://calls.example.test';
  const server = await startTestServer({
    PUBLIC_BASE_URL: publicBaseUrl,
    TWILIO_API_BASE_URL: vendor.origin,
  });
  try {
    const account = await server.signUp();
    const config = { provider: 'twilio', ...accounts.twilio.settings };
    const created = await server.request
      .post(configurationsPath)
      .set('X-API-Key', account.apiKey)
      .send({ name: 'Carrier', config })
      .expect(200);
    const { id: configurationId } = created.body as { id: number };
    await addPhoneNumber(server, account, configurationId, { address: '+14155550123' });
    const agent = await createAgent(server, account);
    const voicemail = { action: 'leave_message' };
    const runId = await startCall(server, account, agent, { phone_number: '+14155550100', voicemail });
    const ask = async (purpose: 'answer' | 'announcement') => {
      const target = { provider: 'twilio', configurationId, runId, attempt: 1, purpose, turn: 0 };
      const {
        url: address,
        headers,
        body,
      } = twilioCallback(callbackUrl(server.services, target), {
        CallSid: 'CA1',
        CallStatus: 'in-progress',
      });
      const reply = await server.request
        .post(address.slice(publicBaseUrl.length))
        .set(headers)
        .send(body)
        .expect(200);
      return reply.text;
    };
    await ask('answer');
    expect(await ask('announcement')).toMatch(
      /<Pause length="2"\/><Redirect method="POST">[^<]*\/announcement\//,
    );
    await server.advance(44_000);
    expect(await ask('announcement')).toContain('<Pause');
    await server.advance(2000);
    expect(await ask('announcement')).toMatch(/<Response><Hangup\/><\/Response>/);
  } finally {
    await server.close();
    await vendor.close();
  }
});
