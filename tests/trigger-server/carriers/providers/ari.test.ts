/** Asterisk: the contract of every carrier, its settings, and its orders over HTTP. */
import { ari } from '../../../../trigger-server/src/carriers/providers/ari';
import {
  unansweredOutcome,
  type Hangup,
} from '../../../../trigger-server/src/carriers/providers/ari/statuses';
import type { Outcome } from '../../../../trigger-server/src/carriers/port/outcomes';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import type { TestServer } from '../../../support/test-server';
import { ariSettings, channelOf, startAri, type Ari } from '../../../support/vendors/ari';
import { outboundCall, vendorHost, type VendorHost } from '../../../support/vendors/host';
import type { Vendor } from '../../../support/vendors/vendor';

/** The same object as the contract's vendor. */
let contractVendor: Ari;

/** Sends requests to the server until the condition is true. During each request, events can arrive. */
async function until(server: TestServer, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 2000; round += 1) {
    if (await isSo()) return;
    await askSomething(server);
  }
  throw new Error('It never came to be');
}

async function askSomething(server: TestServer): Promise<void> {
  await server.request.get('/api/v1/health').expect(200);
}

/** The events of each channel so far. The log of a run has each event once. */
let happened: Set<string>;

/** The number of entries in the logs of all runs. */
async function countReports({ services: { storage } }: TestServer): Promise<number> {
  const query = storage.read.builder.selectFrom('run_events').select('id');
  return (await storage.read.run(query.compile())).rows.length;
}

telephonyProviderContract({
  name: 'ari',
  async startVendor(): Promise<Vendor> {
    contractVendor = await startAri();
    happened = new Set();
    return contractVendor;
  },
  configuration: (vendor) => ariSettings(vendor),
  environment: () => ({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' }),
  signs: { status: false, answer: false },
  async ready(server) {
    await until(server, async () => {
      const query = server.services.storage.read.builder.selectFrom('telephony_configurations').select('id');
      const { rows } = await server.services.storage.read.run(query.compile());
      return rows.every(({ id }) => server.services.connections.faultOf(id) === null);
    });
  },
  playsSound: true,
  async deliver(server, _vendor, dial, event) {
    const before = await countReports(server);
    const channel = channelOf(dial);
    contractVendor.happen(channel, event);
    if (happened.has(`${channel} ${event}`)) {
      // A repeated event has no visible effect. Later events are read after it.
      for (let round = 0; round < 20; round += 1) await askSomething(server);
    } else await until(server, async () => (await countReports(server)) > before);
    happened.add(`${channel} ${event}`);
  },
});

let vendor: Ari;
let host: VendorHost;
beforeEach(async () => {
  vendor = await startAri();
  host = vendorHost('ari', { origin: vendor.origin });
});
afterEach(async () => {
  await host.close();
  await vendor.close();
});

const application = 'dograh_00000000000a';
const settings = () => ari.configuration.parse({ ...ariSettings(vendor), stasis_app_name: application });

describe('settings', () => {
  const accepts = (change: object) =>
    ari.configuration.safeParse({ ...ariSettings(vendor), ...change }).success;

  test.each([
    'PJSIP/{number}@trunk',
    'PJSIP/+{number}@trunk',
    'PJSIP/trunk/sip:{number}@sip.example.com:5060;user=phone',
    'SIP/trunk/00{number}',
    'IAX2/provider/{number}',
    'DAHDI/g1/{number}',
  ])('%s is a dial template', (template) => {
    expect(accepts({ dial_template: template })).toBe(true);
  });

  test.each([
    ['no place for the number', 'PJSIP/phone@trunk'],
    ['two of them', 'PJSIP/{number}@{number}'],
    ['the dialplan', 'Local/{number}@default'],
    ['a second device', 'PJSIP/{number}@trunk&Local/1@default'],
    ['a function', 'PJSIP/${SHELL(id)}{number}@trunk'],
    ['an option', 'PJSIP/{number}@trunk,30,g'],
    ['no technology', '{number}@trunk'],
    ['a technology inside the name of another', 'xPJSIP/{number}@trunk'],
    ['a line break', 'PJSIP/{number}@trunk\nLocal/1'],
    ['nothing', ''],
  ])('a dial template with %s is refused', (_what, template) => {
    expect(accepts({ dial_template: template })).toBe(false);
  });

  test.each([
    ['ari_endpoint', 'ftp://pbx.example.com'],
    ['ari_endpoint', 'https://user:secret@pbx.example.com'],
    ['ari_endpoint', 'https://pbx.example.com/?a=b'],
    ['app_name', 'a:b'],
    ['app_name', ''],
    ['app_password', 'line\nbreak'],
    ['app_password', 'nul\u0000'],
    ['stasis_app_name', 'somebody-elses'],
  ])('%s cannot be %j', (field, value) => {
    expect(accepts({ [field]: value })).toBe(false);
  });

  test('the name of the Stasis application is generated once and then kept', async () => {
    const given = ari.configuration.parse(ariSettings(vendor));
    const first = await ari.prepare?.(given, host);
    const second = await ari.prepare?.(given, host);
    expect(first?.stasis_app_name).toMatch(/^dograh_[0-9a-f]{12}$/);
    expect(second?.stasis_app_name).not.toBe(first?.stasis_app_name);
    expect(await ari.prepare?.(settings(), host)).toEqual(settings());
  });

  test('a user that Asterisk refuses is not saved', async () => {
    const strange = { ...settings(), app_password: 'another' };
    await expect(ari.prepare?.(strange, host)).rejects.toMatchObject({
      kind: 'bad_request',
      detail: 'Asterisk cannot be used: it refused app_name or app_password (HTTP 401).',
    });
  });

  test.each(['http://10.1.2.3:8088', 'http://[::1]:8088', 'http://2130706434'])(
    'an Asterisk at %s, in the operator’s own network, is not saved',
    async (endpoint) => {
      const inside = { ...settings(), ari_endpoint: endpoint };
      await expect(ari.prepare?.(inside, host)).rejects.toMatchObject({
        kind: 'bad_request',
        detail: expect.stringContaining('ALLOWED_PRIVATE_TARGETS') as unknown,
      });
    },
  );

  test('an Asterisk that is not running can be saved', async () => {
    const given = settings();
    await vendor.close();
    expect(await ari.prepare?.(given, host)).toEqual(given);
  });
});

describe('orders', () => {
  const connect = async () => {
    const connection = ari.connect?.(3, settings(), host, host, () => true);
    await vendor.connected(1);
    return connection;
  };

  test('a dial creates a channel of our own name, with the caller ID, the ring timeout and a limit', async () => {
    const connection = await connect();
    const result = await ari.placeCall(settings(), outboundCall(host), host);
    connection?.close();
    expect(result).toEqual({
      outcome: 'placed',
      callId: `${application}-7`,
      callerNumber: '+14155550123',
    });
    const [dial] = vendor.dials;
    expect(dial?.url).toBe('/ari/channels');
    expect(JSON.parse(dial?.body.toString() ?? '')).toEqual({
      endpoint: 'PJSIP/14155550100@trunk',
      app: application,
      channelId: `${application}-7`,
      timeout: 25,
      callerId: '+14155550123',
      variables: { 'TIMEOUT(absolute)': '265' },
    });
  });

  test('a template may keep the plus, and a call without a caller ID leaves the choice to the trunk', async () => {
    const connection = await connect();
    const template = { ...settings(), dial_template: 'PJSIP/+{number}@trunk' };
    const result = await ari.placeCall(template, outboundCall(host, { from: null }), host);
    connection?.close();
    expect(result).toMatchObject({ outcome: 'placed', callerNumber: null });
    const order = JSON.parse(vendor.dials[0]?.body.toString() ?? '') as Record<string, unknown>;
    expect(order.endpoint).toBe('PJSIP/+14155550100@trunk');
    expect(order).not.toHaveProperty('callerId');
  });

  test('a dial to an unknown device is refused, although Asterisk’s reply is a 500', async () => {
    const absent = {
      ...host,
      http: () => Promise.resolve({ status: 500, body: '{"error":"Allocation failed"}' }),
    };
    expect(await ari.placeCall(settings(), outboundCall(host), absent)).toEqual({
      outcome: 'refused',
      detail:
        'Asterisk: Allocation failed: the device of the dial template is unknown or not reachable (HTTP 500)',
    });
  });

  test('an active channel can be cancelled; one that has ended is gone', async () => {
    vendor.channels.set('c-1', 'Ringing');
    const call = { runId: 7, attempt: 1, callId: 'c-1', status: 'ringing' } as const;
    expect(await ari.cancel?.(settings(), call, host, host)).toEqual({ outcome: 'accepted' });
    expect(await ari.cancel?.(settings(), { ...call, callId: 'c-2' }, host, host)).toEqual({
      outcome: 'gone',
    });
    expect(await ari.cancel?.({ ...settings(), app_password: 'x' }, call, host, host)).toEqual({
      outcome: 'refused',
      detail: 'Asterisk: Authentication required: it refused app_name or app_password (HTTP 401)',
    });
  });

  test.each([
    ['Down', 'initiated'],
    ['Ringing', 'ringing'],
    ['Up', 'answered'],
    ['Busy', 'unknown'],
  ])('a channel that is %s is %s', async (state, status) => {
    vendor.channels.set('c-1', state);
    const call = { runId: 7, attempt: 1, callId: 'c-1', status: 'initiated' } as const;
    expect(await ari.askStatus?.(settings(), call, host)).toMatchObject({
      status,
      rawStatus: `channel ${state}`,
    });
  });

  test('a missing channel has ended for an unknown reason, and a refusal of Asterisk is no answer', async () => {
    const call = { runId: 7, attempt: 1, callId: 'c-1', status: 'answered' } as const;
    expect(await ari.askStatus?.(settings(), call, host)).toMatchObject({
      ...ended('failed'),
      rawStatus: 'channel gone',
    });
    expect(await ari.askStatus?.({ ...settings(), app_password: 'x' }, call, host)).toBeNull();
  });
});

describe('why a call was not answered', () => {
  const silent = { hasRung: false, hasTimedOut: false, isTrunkSilent: false };
  const rang = { ...silent, hasRung: true };
  const inVain = { ...rang, hasTimedOut: true };
  const dead = { ...silent, isTrunkSilent: true };
  test.each<[Hangup, Outcome]>([
    [{ ...silent, cause: 17, sipCode: 486 }, 'busy'],
    [{ ...rang, cause: 21, sipCode: 603 }, 'declined'],
    [{ ...rang, cause: 21 }, 'declined'],
    [{ ...silent, cause: 21, sipCode: 403 }, 'refused'],
    [{ ...silent, cause: 21, dialStatus: 'CHANUNAVAIL' }, 'refused'],
    [{ ...rang, cause: 127, sipCode: 607 }, 'declined'],
    [{ ...rang, cause: 19, sipCode: 480 }, 'no_answer'],
    [{ ...silent, cause: 19, sipCode: 480 }, 'unavailable'],
    [{ ...silent, cause: 19 }, 'unavailable'],
    [{ ...silent, cause: 18 }, 'unreachable'],
    [{ ...silent, cause: 18, hasTimedOut: true }, 'no_answer'],
    [{ ...rang, cause: 18 }, 'no_answer'],
    [{ ...silent, cause: 19, sipCode: 480, hasTimedOut: true }, 'no_answer'],
    [{ ...dead, cause: 19, sipCode: 480, hasTimedOut: true }, 'unreachable'],
    [{ ...dead, cause: 0, hasTimedOut: true }, 'unreachable'],
    [{ ...dead, cause: 17, sipCode: 486 }, 'busy'],
    [{ ...rang, cause: 16 }, 'canceled'],
    [{ ...inVain, cause: 16 }, 'no_answer'],
    [{ ...inVain, cause: 0 }, 'no_answer'],
    [{ ...rang, cause: 0, dialStatus: 'NOANSWER' }, 'no_answer'],
    [{ ...rang, cause: 26 }, 'canceled'],
    [{ ...silent, cause: 1 }, 'invalid_number'],
    [{ ...silent, cause: 34 }, 'overloaded'],
    ...[0, 127, 999].map((cause): [Hangup, Outcome] => [{ ...silent, cause }, 'failed']),
  ])('%j: %s', (hangup, outcome) => {
    expect(unansweredOutcome(hangup)).toBe(outcome);
  });
});
