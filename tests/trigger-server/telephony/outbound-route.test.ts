import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import type { CompiledQuery } from 'kysely';
import { createSecrets } from '../../../trigger-server/src/secrets';
import {
  resolveOutboundRoute,
  type RouteRequest,
} from '../../../trigger-server/src/telephony/outbound-route';
import { sandbox } from '../../../trigger-server/src/carriers/providers/sandbox';
import { addConfiguration, addPhoneNumber, addTwilio, alterConfiguration } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;

beforeEach(async () => {
  server = await startTestServer({
    PUBLIC_BASE_URL: 'https://calls.example.test',
    SIGNUP_ENABLED: 'true',
    // Nothing listens there: checks at the carrier get no answer, and that does not prevent saving.
    TWILIO_API_BASE_URL: 'http://127.0.0.1:9',
  });
  account = await server.signUp();
});

afterEach(() => server.close());

function resolve(request: Partial<RouteRequest> = {}, services = server.services) {
  return resolveOutboundRoute(services, account.organizationId, { mode: 'announce', ...request });
}

const add = (name: string, is_default_outbound = false) =>
  addConfiguration(server, account, { name, is_default_outbound });
const lose = ({ id }: TelephonyConfiguration) => alterConfiguration(server, id, { provider: 'retired' });
const park = ({ id }: TelephonyConfiguration) =>
  alterConfiguration(server, id, { inactive_since: '2026-11-01T00:00:00.000Z' });

describe('the configuration', () => {
  test('that is requested is used, with its provider and its decrypted settings', async () => {
    await add('Default', true);
    const { id } = await add('Asked for');
    expect(await resolve({ configurationId: id })).toEqual({
      configurationId: id,
      providerName: 'sandbox',
      callsPerSecond: null,
      provider: sandbox,
      configuration: {},
      callerNumber: null,
      fallbackFrom: null,
      tools: expect.objectContaining({ apiUrl: expect.any(Function) as unknown }) as unknown,
    });
  });

  test('is the default when none is requested, and the oldest when there is no default', async () => {
    const first = await add('First');
    const second = await add('Second');
    expect((await resolve()).configurationId).toBe(first.id);
    await server.request
      .post(`/api/v1/organizations/telephony-configs/${String(second.id)}/set-default-outbound`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    expect((await resolve({ configurationId: null, fromPhoneNumberId: null })).configurationId).toBe(
      second.id,
    );
  });

  test('replaces a default that is not ready, if it really calls, and names that default', async () => {
    const broken = await add('Broken', true);
    await lose(broken);
    await park(await addTwilio(server, account, { name: 'Parked', number: '+14155550101' }));
    await add('Demo');
    const ready = await addTwilio(server, account, { name: 'Ready', number: '+14155550102' });
    expect(await resolve()).toMatchObject({
      configurationId: ready.id,
      fallbackFrom: {
        telephony_configuration_id: broken.id,
        name: 'Broken',
        provider: 'retired',
        reason: "Provider 'retired' is unavailable.",
      },
    });
  });

  test('also replaces a default that is not active', async () => {
    const parked = await addTwilio(server, account, {
      name: 'Parked',
      is_default_outbound: true,
      number: '+14155550101',
    });
    await alterConfiguration(server, parked.id, {
      inactive_since: '2026-11-01T00:00:00.000Z',
      inactive_reason: 'The account was closed.',
    });
    const ready = await addTwilio(server, account, { name: 'Ready', number: '+14155550102' });
    expect(await resolve()).toMatchObject({
      configurationId: ready.id,
      fallbackFrom: {
        name: 'Parked',
        reason:
          'It is not active: The account was closed. Reactivate it, or make another configuration the default.',
      },
    });
  });

  test('is never a sandbox in place of a real account', async () => {
    await lose(await add('Broken', true));
    const demo = await add('Demo');
    await expect(resolve()).rejects.toMatchObject({
      kind: 'bad_request',
      code: 'telephony_not_ready',
      detail: "'Broken' is not ready for outbound calls. Provider 'retired' is unavailable.",
    });
    expect((await resolve({ configurationId: demo.id })).configurationId).toBe(demo.id);
  });

  test('is not the sandbox even without a default, if there is a real account that is not ready', async () => {
    await add('Demo');
    await addTwilio(server, account, { name: 'No number' });
    await expect(resolve()).rejects.toMatchObject({
      kind: 'bad_request',
      detail: expect.stringMatching(/^'No number' is not ready for outbound calls\. /) as string,
    });
  });

  test('is the sandbox if that is the default, whatever other accounts there are', async () => {
    await addTwilio(server, account, { name: 'Real', number: '+14155550102' });
    const demo = await add('Demo', true);
    expect(await resolve()).toMatchObject({ configurationId: demo.id, fallbackFrom: null });
  });

  test('on plain Dograh is silently the first that is ready', async () => {
    const plain = { ...server.services, config: { ...server.services.config, extensions: new Set<never>() } };
    await lose(await add('Broken', true));
    const demo = await add('Demo');
    expect(await resolve({}, plain)).toMatchObject({ configurationId: demo.id, fallbackFrom: null });
  });

  test('that is requested is never replaced', async () => {
    await add('Ready', true);
    const broken = await add('Broken');
    await lose(broken);
    await expect(resolve({ configurationId: broken.id })).rejects.toMatchObject({
      kind: 'bad_request',
      detail: "'Broken' is not ready for outbound calls. Provider 'retired' is unavailable.",
    });
  });

  test('when none is ready, the refusal is about the default', async () => {
    await lose(await add('First'));
    await lose(await add('Default', true));
    await expect(resolve()).rejects.toMatchObject({
      kind: 'bad_request',
      detail: "'Default' is not ready for outbound calls. Provider 'retired' is unavailable.",
    });
  });

  test('does not exist: 400 when none was requested', async () => {
    await expect(resolve()).rejects.toMatchObject({
      kind: 'bad_request',
      detail: 'Telephony provider not configured for this organization',
    });
  });

  test('does not exist, is inactive or belongs to another organization: 404 when it was requested', async () => {
    const parked = await add('Parked');
    await park(parked);
    const stranger = await addConfiguration(server, await server.signUp(), { name: 'Theirs' });
    for (const configurationId of [parked.id, stranger.id, 4711, 1e19]) {
      await expect(resolve({ configurationId })).rejects.toMatchObject({
        kind: 'not_found',
        detail: 'Telephony configuration not found',
      });
    }
  });

  test('cannot be decrypted with another SECRETS_KEY, and the refusal says so', async () => {
    await add('Main line');
    const services = { ...server.services, secrets: createSecrets('a1'.repeat(32)) };
    await expect(resolve({}, services)).rejects.toMatchObject({
      kind: 'unavailable',
      detail: expect.stringContaining("The stored credentials of 'Main line' cannot be read.") as string,
    });
  });
});

describe('the caller ID', () => {
  let configurationId: number;

  beforeEach(async () => {
    configurationId = (await add('Main line')).id;
  });

  const number = (address: string, more: { is_active?: boolean; is_default_caller_id?: boolean } = {}) =>
    addPhoneNumber(server, account, configurationId, { address, ...more });

  /** Draws the `index`th of the candidates, and records the range of each draw. */
  function drawing(index: number) {
    const ranges: [number, number][] = [];
    const integer = (min: number, max: number) => {
      ranges.push([min, max]);
      return min + index;
    };
    return { services: { ...server.services, chance: { ...server.services.chance, integer } }, ranges };
  }

  test('is the requested number in E.164, also when there is a default', async () => {
    await number('+14155550100', { is_default_caller_id: true });
    const { id } = await number('+1 (415) 555-0101');
    expect((await resolve({ fromPhoneNumberId: id })).callerNumber).toBe('+14155550101');
  });

  test('is the default when none is requested', async () => {
    await number('+14155550100');
    await number('+14155550101', { is_default_caller_id: true });
    const { services, ranges } = drawing(0);
    expect((await resolve({}, services)).callerNumber).toBe('+14155550101');
    expect(ranges).toEqual([]);
  });

  test('is chosen at random from the active phone numbers when there is no active default', async () => {
    await number('+14155550100', { is_active: false, is_default_caller_id: true });
    await number('+14155550101');
    await number('sip:alice@pbx.example.com');
    await number('1001');
    await number('+14155550102');
    const { services, ranges } = drawing(1);
    expect((await resolve({}, services)).callerNumber).toBe('+14155550102');
    expect(ranges).toEqual([[0, 1]]);
  });

  test('is left to the provider when there is no number', async () => {
    expect((await resolve()).callerNumber).toBeNull();
  });

  test('that is inactive, no phone number, of another configuration or unknown is refused', async () => {
    const inactive = await number('+14155550100', { is_active: false });
    const extension = await number('1001');
    const elsewhere = await addPhoneNumber(server, account, (await add('Other')).id, {
      address: '+14155550102',
    });
    for (const fromPhoneNumberId of [inactive.id, extension.id, elsewhere.id, 4711]) {
      await expect(resolve({ configurationId, fromPhoneNumberId })).rejects.toMatchObject({
        kind: 'bad_request',
        detail: 'from_phone_number_not_found',
      });
    }
  });
});

test('an ordinary call resolves its route with two queries', async () => {
  await add('First');
  await add('Default', true);
  const queries: CompiledQuery[] = [];
  server.storage.tap({ beforeQuery: (query) => queries.push(query) });
  await resolve();
  expect(queries).toHaveLength(2);
});
