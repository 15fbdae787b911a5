/**
 * Which setting each carrier’s refusal points to. The bodies are those that the vendors document; the loopback vendors
 * are asked in the contract suite of the providers.
 */
import { ari } from '../../../trigger-server/src/carriers/providers/ari';
import { cloudonix } from '../../../trigger-server/src/carriers/providers/cloudonix';
import { plivo } from '../../../trigger-server/src/carriers/providers/plivo';
import { telnyx } from '../../../trigger-server/src/carriers/providers/telnyx';
import { twilio } from '../../../trigger-server/src/carriers/providers/twilio';
import { vobiz } from '../../../trigger-server/src/carriers/providers/vobiz';
import { vonage } from '../../../trigger-server/src/carriers/providers/vonage';
import { providers } from '../../../trigger-server/src/carriers/registry';
import type { TelephonyProvider, Verdict } from '../../../trigger-server/src/carriers/port/provider';
import { vendorHost, type VendorHost } from '../../support/vendors/host';

let host: VendorHost;
beforeEach(() => {
  host = vendorHost('any', { origin: 'http://127.0.0.1:9' });
});
afterEach(() => host.close());

type Settings<Provider extends { placeCall: (settings: never, ...rest: never[]) => unknown }> = Parameters<
  Provider['placeCall']
>[0];

const asked = {
  twilio: () =>
    twilio.verify!(
      {
        account_sid: `AC${'0'.repeat(32)}`,
        auth_token: 'token',
        amd_enabled: false,
        conversation_relay: false,
      },
      host,
    ),
  plivo: () => plivo.verify!({ auth_id: 'MA', auth_token: 'token', amd_enabled: false }, host),
  vobiz: () => vobiz.verify!({ auth_id: 'MA', auth_token: 'token', amd_enabled: false }, host),
  vonage: () =>
    vonage.verify!(
      {
        api_key: 'key',
        api_secret: 'secret',
        application_id: '00000000-0000-0000-0000-000000000000',
        private_key: 'pem',
        signature_secret: 'secret',
      } as Settings<typeof vonage>,
      host,
    ),
  telnyx: () => telnyx.verify!({ api_key: 'KEY', connection_id: '1' } as Settings<typeof telnyx>, host),
  cloudonix: () => cloudonix.verify!({ bearer_token: 'XI', domain_id: 'example.cloudonix.net' }, host),
  ari: () =>
    ari.verify!(
      {
        ari_endpoint: 'http://127.0.0.1:9',
        app_name: 'user',
        app_password: 'password',
        dial_template: 'PJSIP/{number}@trunk',
      },
      host,
    ),
};

const titled = (title: string, detail: string) => ({ title, detail });
const telnyxError = (code: string, title: string) => ({ errors: [{ code, title }] });

test.each<[keyof typeof asked, number, unknown, Omit<Verdict, 'ok'> & { ok: boolean | null }]>([
  [
    'twilio',
    401,
    { code: 20003, message: 'Authenticate' },
    { ok: false, detail: 'Twilio: 20003 Authenticate (HTTP 401)', field: 'auth_token' },
  ],
  [
    'twilio',
    200,
    { status: 'suspended' },
    { ok: false, detail: 'Twilio: the account is suspended.', field: null },
  ],
  ['twilio', 503, 'unavailable', { ok: null, detail: 'Twilio: no reason given (HTTP 503)', field: null }],
  [
    'plivo',
    401,
    'Could not verify your access level for that URL.',
    { ok: false, detail: 'Plivo: the Auth ID or Auth Token is wrong (HTTP 401)', field: 'auth_token' },
  ],
  [
    'vobiz',
    403,
    { error: 'Forbidden' },
    { ok: false, detail: 'Vobiz: Forbidden (HTTP 403)', field: 'auth_token' },
  ],
  [
    'vonage',
    401,
    titled('Unauthorized', 'You did not provide correct credentials.'),
    {
      ok: false,
      detail: 'Vonage: Unauthorized: You did not provide correct credentials. (HTTP 401)',
      field: 'api_secret',
    },
  ],
  [
    'vonage',
    404,
    titled('Not Found', 'No such application'),
    { ok: false, detail: 'Vonage: Not Found: No such application (HTTP 404)', field: 'application_id' },
  ],
  [
    'vonage',
    200,
    { capabilities: { voice: {} }, keys: { public_key: 'of another key' } },
    {
      ok: false,
      detail: 'The private key is not the one of this Vonage application.',
      field: 'private_key',
    },
  ],
  [
    'telnyx',
    401,
    telnyxError('10009', 'Authentication failed'),
    { ok: false, detail: 'Telnyx: 10009 Authentication failed (HTTP 401)', field: 'api_key' },
  ],
  [
    'telnyx',
    404,
    telnyxError('10005', 'Resource not found'),
    { ok: false, detail: 'Telnyx: 10005 Resource not found (HTTP 404)', field: 'connection_id' },
  ],
  [
    'cloudonix',
    401,
    { message: 'Unauthorized' },
    { ok: false, detail: 'Cloudonix: Unauthorized (HTTP 401)', field: 'bearer_token' },
  ],
  [
    'cloudonix',
    404,
    { message: 'Domain not found' },
    { ok: false, detail: 'Cloudonix: Domain not found (HTTP 404)', field: 'domain_id' },
  ],
  [
    'ari',
    401,
    { message: 'Authentication required' },
    { ok: false, detail: 'it refused app_name or app_password (HTTP 401)', field: 'app_password' },
  ],
  [
    'ari',
    404,
    'Not Found',
    { ok: false, detail: 'there is no ARI under ari_endpoint (HTTP 404)', field: 'ari_endpoint' },
  ],
])('%s, HTTP %i, %j', async (name, status, body, verdict) => {
  host.http = () => Promise.resolve({ status, body: typeof body === 'string' ? body : JSON.stringify(body) });
  expect(await asked[name]()).toEqual(verdict);
});

test('every provider can be asked', () => {
  const list: Record<string, TelephonyProvider> = providers;
  expect(Object.entries(list).filter(([, provider]) => !('verify' in provider))).toEqual([]);
});
