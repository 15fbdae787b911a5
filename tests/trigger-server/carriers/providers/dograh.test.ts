/** A Dograh as a carrier: the contract of every carrier, its settings, its dial, and the search for a lost one. */
import { dograhAnswer, type JsonObject } from '@dograh-trigger/shared';
import type { OutboundCall } from '../../../../trigger-server/src/carriers/port/call';
import { dograh } from '../../../../trigger-server/src/carriers/providers/dograh';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import { followByHand } from '../../../support/followed-calls';
import type { ReceivedRequest } from '../../../support/local-server';
import {
  dograhAgent,
  dograhKey,
  dograhNumber,
  dograhSettings,
  dograhTrigger,
  startDograh,
  type LoopbackDograh,
} from '../../../support/vendors/dograh';
import { outboundCall, vendorHost, type VendorHost } from '../../../support/vendors/host';
import { hungUp } from '../../../support/vendors/instructions';

telephonyProviderContract({
  name: 'dograh',
  startVendor: startDograh,
  configuration: dograhSettings,
  environment: () => ({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' }),
  signs: { status: false, answer: false },
  handsOverTo: dograhTrigger,
  async deliver(server, vendor, dial, event) {
    vendor.callback(dial, event);
    await followByHand(server)(40);
  },
});

let vendor: LoopbackDograh;
let host: VendorHost;
beforeEach(async () => {
  vendor = await startDograh();
  host = vendorHost('dograh', { origin: vendor.origin });
});
afterEach(async () => {
  await host.close();
  await vendor.close();
});

const settings = () =>
  dograh.configuration.parse({ ...dograhSettings(vendor), account_mark: '0123456789ab' });
const handedOver = (to: object, context: JsonObject = {}): Partial<OutboundCall> => ({
  from: null,
  loadInstructions: async () => [
    { name: 'hand_over', to: dograhAnswer.parse({ mode: 'dograh', ...to }), context },
  ],
});
const place = (call: Partial<OutboundCall>) => dograh.placeCall(settings(), outboundCall(host, call), host);

describe('settings', () => {
  test.each([
    ['https://api.dograh.com', 'https://api.dograh.com'],
    [' https://api.dograh.com/api/v1/ ', 'https://api.dograh.com'],
    ['http://10.0.0.5:8000', 'http://10.0.0.5:8000'],
  ])('the base URL %j is kept as %s', (given, kept) => {
    expect(dograh.configuration.parse({ ...dograhSettings(vendor), base_url: given }).base_url).toBe(kept);
  });

  test.each(['http://dograh.example.com', 'api.dograh.com', 'https://a:b@dograh.example.com', ''])(
    'the base URL %j is refused',
    (base_url) => {
      expect(dograh.configuration.safeParse({ ...dograhSettings(vendor), base_url }).success).toBe(false);
    },
  );

  test('the mark of an account is made once and then kept', async () => {
    const given = dograh.configuration.parse(dograhSettings(vendor));
    const first = await dograh.prepare?.(given, host);
    expect(first?.account_mark).toMatch(/^[0-9a-f]{12}$/);
    expect(await dograh.prepare?.(settings(), host)).toEqual(settings());
  });

  test.each([
    ['a key that Dograh refuses', () => (vendor.state.isKeyValid = false), /Invalid or expired API key/],
    ['this server itself', () => (vendor.state.health = { server_id: host.serverId }), /this server itself/],
  ])('%s is not saved', async (_what, arrange, words) => {
    arrange();
    await expect(dograh.prepare?.(settings(), host)).rejects.toMatchObject({
      kind: 'bad_request',
      detail: expect.stringMatching(words) as unknown,
    });
  });

  test('an address in the operator’s own network is not saved', async () => {
    const inside = { ...settings(), base_url: 'http://10.1.2.3:8000' };
    await expect(dograh.prepare?.(inside, host)).rejects.toMatchObject({
      kind: 'bad_request',
      detail: expect.stringContaining('ALLOWED_PRIVATE_TARGETS') as unknown,
    });
  });

  test.each([
    ['no telephony', () => (vendor.state.accounts = []), /no telephony configuration/],
    [
      'a telephony that is not ready, in Dograh’s words',
      () =>
        (vendor.state.accounts = [
          {
            id: 1,
            name: 'Main',
            is_ready_for_outbound: false,
            outbound_blocked_reason: 'Outbound calls need a number to dial from.',
          },
        ]),
      /'Main': Outbound calls need a number to dial from\./,
    ],
    ['no agent', () => (vendor.state.agents = []), /no active agent/],
  ])('a Dograh with %s is saved, and verification says so', async (_what, arrange, words) => {
    arrange();
    await expect(dograh.prepare?.(settings(), host)).resolves.toEqual(settings());
    expect(await dograh.verify?.(settings(), host)).toEqual({
      ok: false,
      detail: expect.stringMatching(words) as unknown,
      field: null,
    });
  });

  test('a number is Dograh’s if one of its telephony configurations has it', async () => {
    expect(await dograh.ownsNumber?.(settings(), dograhNumber.address, host)).toBe(true);
    expect(await dograh.ownsNumber?.(settings(), '+14155550199', host)).toBe(false);
  });
});

describe('a dial', () => {
  const production = `/api/v1/public/agent/${dograhTrigger}`;

  test('sends the number, the context with the mark, and the caller ID by its ids at Dograh', async () => {
    const call = {
      ...handedOver({ agent: dograhTrigger }, { user: { name: 'Jane' } }),
      from: dograhNumber.address,
    };
    expect(await place(call)).toEqual({
      outcome: 'placed',
      callId: '501',
      callerNumber: dograhNumber.address,
    });
    const [{ url, headers, body }] = vendor.dials as [ReceivedRequest];
    expect({ url, key: headers['x-api-key'], name: headers['idempotency-key'] }).toEqual({
      url: production,
      key: dograhKey,
      name: 'carrier-0123456789ab-7',
    });
    expect(JSON.parse(body.toString())).toEqual({
      phone_number: '+14155550100',
      initial_context: { user: { name: 'Jane' }, dograh_trigger_call: 'carrier-0123456789ab-7' },
      telephony_configuration_id: dograhNumber.accountId,
      from_phone_number_id: dograhNumber.id,
    });
  });

  test.each([
    [{ agent: dograhTrigger }, production],
    [{ agent: dograhTrigger, environment: 'test' }, `/api/v1/public/agent/test/${dograhTrigger}`],
    [{ agent: `workflow/${dograhAgent}` }, `/api/v1/public/agent/workflow/${dograhAgent}`],
  ])('%j leads to %s', async (to, url) => {
    expect(await place(handedOver(to))).toMatchObject({ outcome: 'placed' });
    expect(vendor.dials.map((dial) => dial.url)).toEqual([url]);
  });

  test('a trigger URL of this Dograh is dialled; one of another server is refused, and nothing is sent', async () => {
    expect(await place(handedOver({ agent: `${vendor.origin}${production}` }))).toMatchObject({
      outcome: 'placed',
    });
    expect(await place(handedOver({ agent: `https://elsewhere.example.com${production}` }))).toEqual({
      outcome: 'refused',
      detail: expect.stringContaining('leads to another server') as unknown,
    });
    expect(vendor.dials).toHaveLength(1);
  });

  test('a UUID alone that is no trigger’s is tried as an agent’s: no phone rings twice', async () => {
    expect(await place(handedOver({ agent: dograhAgent }))).toMatchObject({
      outcome: 'placed',
      callId: '501',
    });
    expect(vendor.dials.map(({ url }) => url)).toEqual([
      `/api/v1/public/agent/${dograhAgent}`,
      `/api/v1/public/agent/workflow/${dograhAgent}`,
    ]);
  });

  test('the telephony configuration of the agent’s answer passes through', async () => {
    await place(handedOver({ agent: dograhTrigger, telephony_configuration_id: 56 }));
    expect(JSON.parse(String(vendor.dials[0]?.body))).toMatchObject({ telephony_configuration_id: 56 });
  });

  test('a caller ID that Dograh does not have is refused, and nothing is dialled', async () => {
    const call = { ...handedOver({ agent: dograhTrigger }), from: '+14155550199' };
    expect(await place(call)).toMatchObject({ outcome: 'refused' });
    expect(vendor.dials).toHaveLength(0);
  });

  test.each([
    ['with a key that is revoked', 401, 'Invalid API key', /Invalid API key/],
    ['with another organization’s agent', 403, 'Access denied', /Access denied/],
    [
      'with keys of its models that are invalid',
      402,
      'You have invalid keys in your model configuration. Please validate the service keys.',
      /invalid keys/,
    ],
    ['whose agent is gone', 402, 'Workflow not found', /Workflow not found/],
    ['whose user is gone', 402, 'User not found', /User not found/],
  ])('%s is refused in Dograh’s words', async (_what, status, detail, words) => {
    vendor.state.refusal = { status, body: { detail } };
    expect(await place(handedOver({ agent: dograhTrigger }))).toEqual({
      outcome: 'refused',
      detail: expect.stringMatching(words) as unknown,
    });
  });

  test.each([
    [402, { detail: 'Dograh credits exhausted' }, undefined, 300],
    [402, { detail: 'Dograh credits exhausted' }, '60', 60],
    [429, { detail: 'Concurrent call limit reached' }, undefined, 10],
    [503, { detail: 'stopping', code: 'draining' }, '5', 5],
    [400, { detail: 'Failed to initiate call: busy', code: 'carrier_busy' }, '7', 7],
  ])('HTTP %i with %j is not sent, and may be tried again', async (status, body, retryAfter, seconds) => {
    vendor.state.refusal = {
      status,
      body,
      ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
    };
    expect(await place(handedOver({ agent: dograhTrigger }))).toMatchObject({
      outcome: 'not_sent',
      code: 'carrier_busy',
      retryAfterSeconds: seconds,
    });
  });

  test.each([
    { code: 503, message: 'upstream timed out' },
    { code: 503, detail: 'upstream timed out' },
    { code: 'UPSTREAM_TIMEOUT', detail: 'upstream timed out' },
    { code: 'draining', detail: [] },
  ])('HTTP 503 of a gateway, with %j, leaves the outcome unknown', async (body) => {
    vendor.state.refusal = { status: 503, body, headers: { 'retry-after': '5' } };
    expect(await place(handedOver({ agent: dograhTrigger }))).toMatchObject({ outcome: 'unknown' });
  });

  test.each([
    ['did not answer', 'Failed to initiate call: '],
    ['failed', 'Failed to initiate call: 503: Service Unavailable'],
    ['took the call', 'Failed to initiate call: 500: Plivo response missing call identifier: {}'],
  ])('a carrier of Dograh that %s leaves the outcome unknown', async (_what, detail) => {
    vendor.state.refusal = { status: 400, body: { detail } };
    expect(await place(handedOver({ agent: dograhTrigger }))).toEqual({
      outcome: 'unknown',
      followUpMilliseconds: 5000,
    });
  });

  test('without a reply and with an unreadable list, the outcome is unknown and the call is found later', async () => {
    vendor.state.isListReadable = false;
    vendor.play('garbage');
    expect(await place(handedOver({ agent: dograhTrigger }))).toMatchObject({ outcome: 'unknown' });
    vendor.state.isListReadable = true;
    const sent = { ...outboundCall(host), sentAt: host.clock.now() };
    expect(await dograh.findCall?.(settings(), sent, host)).toEqual(['501']);
    expect(await dograh.findCall?.(settings(), { ...sent, runId: 8 }, host)).toEqual([]);
    expect(vendor.dials).toHaveLength(1);
  });

  test('without credits, a dial is not sent; a lost repeat of it is not taken for the run that says so', async () => {
    vendor.state.isWithoutCredits = true;
    const call = handedOver({ agent: dograhTrigger });
    expect(await place(call)).toMatchObject({
      outcome: 'not_sent',
      detail: 'Dograh: Dograh credits exhausted (HTTP 402)',
    });
    vendor.state.isWithoutCredits = false;
    vendor.play('reset');
    expect(await place(call)).toMatchObject({ outcome: 'unknown' });
    vendor.play('garbage');
    expect(await place(call)).toMatchObject({ outcome: 'placed', callId: '502' });
  });

  test('the run of an earlier dial without credits is not taken while the one of a lost repeat may come', async () => {
    vendor.state.isWithoutCredits = true;
    const call = handedOver({ agent: dograhTrigger });
    await place(call);
    await place(call);
    const found = () => dograh.findCall?.(settings(), { ...outboundCall(host), sentAt }, host);
    const sentAt = host.clock.now();
    host.clock.pass(119_999);
    expect(await found()).toEqual([]);
    host.clock.pass(1);
    expect(await found()).toEqual(['502']);
    vendor.state.isWithoutCredits = false;
    await place(call);
    vendor.state.isWithoutCredits = true;
    await place(call);
    expect(await found()).toEqual(['503']);
  });

  describe('without a reply, and without a call in the list', () => {
    const keepsKeys = { extensions: ['idempotency-key'] };
    const sent = () =>
      vendor.dials.map(({ url, headers, body }) => [url, headers['idempotency-key'], String(body)]);
    beforeEach(() => {
      vendor.play('reset');
    });

    test('the same request is sent once more, with its key, to a server that keeps keys', async () => {
      vendor.state.health = keepsKeys;
      expect(await place(handedOver({ agent: dograhTrigger }))).toMatchObject({ callId: '501' });
      const [first, second, ...others] = sent();
      expect(others).toEqual([]);
      expect(second).toEqual(first);
    });

    test.each([
      ['to Dograh itself', () => undefined],
      ['to a server with other extensions', () => (vendor.state.health = { extensions: ['hooks'] })],
      [
        'while its list cannot be read',
        () => Object.assign(vendor.state, { health: keepsKeys, isListReadable: false }),
      ],
    ])('nothing is sent again %s', async (_what, arrange) => {
      arrange();
      expect(await place(handedOver({ agent: dograhTrigger }))).toEqual({
        outcome: 'unknown',
        followUpMilliseconds: 5000,
      });
      expect(vendor.dials).toHaveLength(1);
    });

    test('a refusal of the repeat does not say what became of the first request', async () => {
      vendor.state.health = keepsKeys;
      vendor.state.refusal = { status: 429, body: { detail: 'Too many requests' } };
      expect(await place(handedOver({ agent: dograhTrigger }))).toMatchObject({ outcome: 'unknown' });
      expect(vendor.dials).toHaveLength(2);
    });
  });

  describe('a call that becomes too late', () => {
    const late = 'not_after passed';

    test('while the caller IDs are read is not dialled', async () => {
      const isListed = () => vendor.requests.some(({ url }) => url.endsWith('/phone-numbers'));
      const call = {
        ...handedOver({ agent: dograhTrigger }),
        from: dograhNumber.address,
        whyTooLate: () => (isListed() ? late : null),
      };
      expect(await place(call)).toMatchObject({ outcome: 'not_sent', detail: late });
      expect(vendor.dials).toHaveLength(0);
    });

    test('during its first dial is not dialled again, and its outcome stays unknown', async () => {
      vendor.state.health = { extensions: ['idempotency-key'] };
      vendor.play('reset');
      const whyTooLate = () => (vendor.dials.length > 0 ? late : null);
      expect(await place({ ...handedOver({ agent: dograhTrigger }), whyTooLate })).toMatchObject({
        outcome: 'unknown',
      });
      expect(vendor.dials).toHaveLength(1);
    });
  });

  test('a call that is over before its dial is not dialled', async () => {
    expect(await place({ loadInstructions: async () => hungUp })).toMatchObject({ outcome: 'refused' });
    expect(vendor.dials).toHaveLength(0);
  });
});

describe('a run that has the id of a call', () => {
  const ours = { runId: 7, attempt: 1, callId: '501' };
  const page = { since: new Date(0), page: 1 };
  beforeEach(async () => {
    await place(handedOver({ agent: dograhTrigger }));
    vendor.callback(vendor.dials[0]!, 'completed');
  });

  test.each([
    ['another run', { ...ours, runId: 8 }],
    ['another attempt', { ...ours, attempt: 2 }],
  ])('does not count for %s, by itself and in the list', async (_what, call) => {
    const read = await dograh.follow?.read(settings(), { ...call, record: true, needsAll: false }, host);
    expect(read).toMatchObject({ report: { outcome: 'record_gone' }, isComplete: true, recording: null });
    const calls = [ours, call].map((asked) => ({ ...asked, record: true }));
    const list = await dograh.follow?.list(settings(), { ...page, calls }, host);
    expect(list?.calls).toMatchObject([{ runId: 7, attempt: 1, report: { outcome: 'callee_hung_up' } }]);
  });
});
