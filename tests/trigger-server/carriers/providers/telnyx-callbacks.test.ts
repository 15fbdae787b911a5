/** Telnyx's reports, with its SDK as the oracle for signatures. */
import { Telnyx as Sdk } from 'telnyx';
import type { CallbackRequest } from '../../../../trigger-server/src/carriers/port/callback';
import { telnyx } from '../../../../trigger-server/src/carriers/providers/telnyx';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { standing } from '../../../support/standing';
import { received } from '../../../support/vendors/host';
import { telnyxSettings, telnyxWebhook } from '../../../support/vendors/telnyx';
import type { VendorCallback } from '../../../support/vendors/vendor';

const configuration = telnyx.configuration.parse(telnyxSettings);
const { callbacks } = telnyx;
if (callbacks === null) throw new Error('Telnyx calls back');
const verify = (request: CallbackRequest) => callbacks.verify(configuration, request);
const readStatus = (request: CallbackRequest) => callbacks.readStatus(request);
const sdk = new Sdk({ apiKey: telnyxSettings.api_key, publicKey: telnyxSettings.webhook_public_key });
const url = 'https://calls.example.test/api/v1/telephony/callbacks/telnyx/status/7/0/token';

function webhook(type: string, payload: object = {}): CallbackRequest {
  return received(telnyxWebhook(url, type, payload));
}

describe('signatures', () => {
  const sent = (at?: Date) => telnyxWebhook(url, 'call.hangup', { hangup_cause: 'user_busy' }, at);
  const later = (seconds: number) => new Date(Date.parse('2026-11-23T12:00:00.000Z') + seconds * 1000);
  const withHeaders = (callback: VendorCallback, headers: Record<string, string>): VendorCallback => ({
    ...callback,
    headers: { ...callback.headers, ...headers },
  });

  test('the golden vector is accepted', () => {
    const body =
      '{"data":{"event_type":"call.hangup","payload":{"call_control_id":"v3:x","hangup_cause":"busy"}}}';
    const golden = received({
      method: 'POST',
      url,
      headers: {
        'telnyx-timestamp': '1767225600',
        'telnyx-signature-ed25519':
          'P+o/rUDJv3ZKP6e92QAthLh7Gm4ZwMW7FGkGsJTgoAo2gWMg7u66bFHYJIIOtTaHV1n1VHiXLkm9OactTZ3/Ag==',
      },
      body,
    });
    const atOf = (seconds: number) => {
      const at = new Date(seconds * 1000);
      return { ...golden, receivedAt: at, receivedSteadyAt: at };
    };
    expect(verify(atOf(1_767_225_600))).toBe(true);
    expect(verify(atOf(1_767_225_601 + 300))).toBe(false);
    expect(readStatus(golden)).toMatchObject({ ...ended('busy'), callId: 'v3:x' });
  });

  test.each([
    [0, true],
    [300, true],
    [301, false],
    [-300, true],
    [-301, false],
  ])('a webhook signed %i seconds from now is accepted: %s', (seconds, accepted) => {
    expect(verify(received(sent(later(seconds))))).toBe(accepted);
  });

  // The SDK uses the machine's clock.
  const fresh = sent(new Date());
  const signature = fresh.headers['telnyx-signature-ed25519'] ?? '';
  const otherTime = String(Number(fresh.headers['telnyx-timestamp']) + 1);
  test.each([
    ['as Telnyx sent it', true, fresh],
    ['with another body', false, { ...fresh, body: fresh.body?.replace('user_busy', 'normal_clearing') }],
    ['with no body', false, { ...fresh, body: '' }],
    ['with another timestamp', false, withHeaders(fresh, { 'telnyx-timestamp': otherTime })],
    ['with an invalid timestamp', false, withHeaders(fresh, { 'telnyx-timestamp': 'now' })],
    ['with a negative timestamp', false, withHeaders(fresh, { 'telnyx-timestamp': '-1' })],
    ['with an empty timestamp', false, withHeaders(fresh, { 'telnyx-timestamp': '' })],
    [
      'with another signature',
      false,
      withHeaders(fresh, { 'telnyx-signature-ed25519': `AAAA${signature.slice(4)}` }),
    ],
    [
      'with half a signature',
      false,
      withHeaders(fresh, { 'telnyx-signature-ed25519': signature.slice(0, 44) }),
    ],
    [
      'with unpadded base64',
      false,
      withHeaders(fresh, { 'telnyx-signature-ed25519': signature.slice(0, -2) }),
    ],
    ['with an empty signature', false, withHeaders(fresh, { 'telnyx-signature-ed25519': '' })],
    ['without headers', false, { ...fresh, headers: {} }],
    ['that is too old', false, sent(new Date(Date.now() - 400_000))],
    ['from the future', false, sent(new Date(Date.now() + 400_000))],
  ])('a webhook %s: the SDK and we decide %s', async (_what, accepted, callback) => {
    const { headers, body = '' } = callback;
    const theirs = sdk.webhooks.unwrap(body, { headers });
    await (accepted ? expect(theirs).resolves.toHaveProperty('data') : expect(theirs).rejects.toThrow());
    expect(verify({ ...received(callback), receivedAt: new Date() })).toBe(accepted);
  });

  test('nothing is accepted with another account’s key', () => {
    const webhook_public_key = Buffer.alloc(32, 9).toString('base64');
    expect(callbacks.verify({ ...configuration, webhook_public_key }, received(sent()))).toBe(false);
  });
});

describe('reports', () => {
  const callId = 'v3:x';

  test.each([
    ['call.initiated', 'initiated'],
    ['call.answered', 'answered'],
    ['call.bridged', 'answered'],
    ['call.speak.ended', 'answered'],
    ['call.machine.greeting.ended', 'answered'],
    ['streaming.failed', 'unknown'],
    ['call.dtmf.received', 'unknown'],
    ['__proto__', 'unknown'],
  ])('"%s" is %s', (type, status) => {
    expect(readStatus(webhook(type, { call_control_id: callId }))).toMatchObject({
      status,
      rawStatus: type,
      callId,
    });
  });

  test.each([
    ['user_busy', '486', 'busy'],
    ['busy', undefined, 'busy'],
    ['no_answer', undefined, 'no_answer'],
    ['timeout', '487', 'no_answer'],
    ['originator_cancel', '487', 'canceled'],
    ['call_rejected', '603', 'declined'],
    ['call_rejected', '403', 'refused'],
    ['call_rejected', undefined, 'declined'],
    ['not_found', '404', 'invalid_number'],
    ['unallocated_number', undefined, 'invalid_number'],
    ['time_limit', '200', 'limit_reached'],
    ['normal_clearing', '200', 'talk_ended'],
    ['normal_clearing', 'unspecified', 'talk_ended'],
    ['normal_clearing', '480', 'unavailable'],
    ['normal_clearing', '500', 'failed'],
    ['unspecified', '200', 'talk_ended'],
    ['unspecified', '408', 'no_answer'],
    ['unspecified', '487', 'canceled'],
    ['unspecified', 'unspecified', 'failed'],
    ['a_new_cause', '600', 'busy'],
    ['a_new_cause', undefined, 'failed'],
    [undefined, undefined, 'failed'],
  ])('a call that ended by %s, SIP %s, is %s', (hangup_cause, sip_hangup_cause, outcome) => {
    const facts = { call_control_id: callId, hangup_cause, sip_hangup_cause };
    const sip = sip_hangup_cause === undefined ? '' : ` sip:${sip_hangup_cause}`;
    expect(readStatus(webhook('call.hangup', facts))).toMatchObject({
      status: 'ended',
      outcome,
      rawStatus: `hangup:${hangup_cause ?? 'unspecified'}${sip}`,
      callId,
    });
  });

  test.each([
    [{ hangup_cause: 'normal_clearing', hangup_source: 'callee' }, 'callee_hung_up'],
    [{ hangup_cause: 'normal_clearing', hangup_source: 'caller' }, 'agent_hung_up'],
    [{ hangup_cause: 'time_limit', hangup_source: 'caller' }, 'limit_reached'],
    [{ hangup_cause: 'normal_clearing', hangup_source: 'unknown' }, 'talk_ended'],
    [{ hangup_cause: 'user_busy', hangup_source: 'callee' }, 'busy'],
  ])('who ended an answered call: %j', (facts, outcome) => {
    expect(standing(readStatus(webhook('call.hangup', facts)))).toBe(outcome);
  });

  test.each([
    ['call.machine.detection.ended', 'machine', 'machine'],
    ['call.machine.premium.detection.ended', 'human_residence', 'human'],
    ['call.machine.premium.detection.ended', 'fax_detected', 'fax'],
    ['call.machine.premium.detection.ended', 'silence', 'unknown'],
  ])('who answered is reported: %s %s', (type, result, who) => {
    expect(readStatus(webhook(type, { result }))).toMatchObject({
      status: 'answered',
      answeredBy: { who, raw: result },
    });
  });

  test.each(['streaming.started', 'streaming.stopped'])('"%s" is no report on the call', (type) => {
    expect(readStatus(webhook(type, { call_control_id: callId }))).toBeNull();
  });

  test.each(['', 'nonsense', '{}', '{"data":{}}', '"call.hangup"'])(
    'a body that is no webhook is refused: %j',
    (body) => {
      const event = received({ method: 'POST', url: 'https://x.test', headers: {}, body });
      expect(() => readStatus(event)).toThrow(expect.objectContaining({ kind: 'bad_request' }));
    },
  );
});
