import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { providers } from '../../../trigger-server/src/carriers/registry';
import { createSecrets } from '../../../trigger-server/src/secrets';
import { createConfiguration, readConfiguration } from '../../../trigger-server/src/telephony/configurations';
import { defaultAnswerOf } from '../../../trigger-server/src/telephony/readiness';
import {
  addConfiguration,
  addPhoneNumber,
  alterConfiguration,
  configurationsPath as path,
} from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;

beforeEach(async () => {
  server = await startTestServer();
  account = await server.signUp();
});

afterEach(() => server.close());

function send(method: 'get' | 'post' | 'put' | 'delete', url: string, body?: object) {
  const request = server.request[method](url).set('X-API-Key', account.apiKey);
  return body === undefined ? request : request.send(body);
}

const one = (id: number) => `${path}/${String(id)}`;
const sandbox = { provider: 'sandbox' };

async function defaults(): Promise<string[]> {
  const reply = await send('get', path).expect(200);
  const { configurations } = reply.body as { configurations: TelephonyConfiguration[] };
  return configurations.filter((item) => item.is_default_outbound).map((item) => item.name);
}

describe('200', () => {
  test('a new configuration comes back with its checklist and without being the default', async () => {
    const reply = await send('post', path, { name: 'Main line', config: sandbox }).expect(200);
    expect(reply.body).toEqual({
      id: expect.any(Number) as number,
      name: 'Main line',
      provider: 'sandbox',
      connectivity: 'api',
      is_default_outbound: false,
      inactive: false,
      inactive_since: null,
      inactive_reason: null,
      created_at: '2026-11-23T12:00:00.000Z',
      updated_at: '2026-11-23T12:00:00.000Z',
      credentials: {},
      sip_connectivity: null,
      setup_checklist: {
        ready_for_outbound: true,
        outbound_blocked_reason: null,
        steps: [],
        docs_url: null,
        answers: ['announce', 'converse', 'stream'],
        relays: false,
        transfers: false,
        voicemail: {
          announce: ['hang_up', 'leave_message', 'speak'],
          stream: ['hang_up', 'leave_message', 'speak'],
        },
        languages: null,
        default_answer: {
          answer: 'announce',
          reason:
            'No language model is configured. An agent that names no answer speaks its greeting and does not listen.',
        },
      },
      supports_trunks: false,
      trunks: [],
      readiness: 'ready',
      last_verification: null,
    });
    expect((await send('get', one((reply.body as { id: number }).id)).expect(200)).body).toEqual(reply.body);
  });

  test('fields that the provider does not have are dropped, from_numbers among them', async () => {
    const reply = await send('post', path, {
      name: 'Main line',
      config: { ...sandbox, from_numbers: ['+14155550100'] },
    }).expect(200);
    expect(reply.body).toMatchObject({ credentials: {} });
  });

  test('the list is in order of creation, holds inactive ones, and counts active numbers only', async () => {
    const first = await addConfiguration(server, account, { name: 'First' });
    const parked = await addConfiguration(server, account, { name: 'Parked' });
    await alterConfiguration(server, parked.id, {
      inactive_since: '2026-11-01T00:00:00.000Z',
      inactive_reason: 'unreachable',
    });
    await addPhoneNumber(server, account, first.id, { address: '+14155550100' });
    await addPhoneNumber(server, account, first.id, { address: '+14155550101', is_active: false });
    const reply = await send('get', path).expect(200);
    expect(reply.body).toMatchObject({
      configurations: [
        {
          name: 'First',
          phone_number_count: 1,
          inactive: false,
          is_ready_for_outbound: true,
          outbound_blocked_reason: null,
        },
        { name: 'Parked', phone_number_count: 0, inactive: true, inactive_reason: 'unreachable' },
      ],
    });
  });

  test('the list shows the last answer to verify, and null for a configuration that was never verified', async () => {
    const { id } = (await send('post', path, { name: 'Verified', config: sandbox }).expect(200)).body as {
      id: number;
    };
    await send('post', path, { name: 'Never verified', config: sandbox }).expect(200);
    const answer = (await send('post', `${one(id)}/verify`, {}).expect(200)).body as object;
    const list = (await send('get', path).expect(200)).body as { configurations: TelephonyConfiguration[] };
    expect(list.configurations.map((item) => [item.name, item.last_verification])).toEqual([
      ['Verified', answer],
      ['Never verified', null],
    ]);
  });

  test('a configuration of a provider that this version lacks says so, and shows none of its credentials', async () => {
    const { id } = await addConfiguration(server, account, { name: 'Old' });
    await alterConfiguration(server, id, { provider: 'retired' });
    expect((await send('get', one(id)).expect(200)).body).toMatchObject({
      provider: 'retired',
      connectivity: null,
      credentials: {},
      setup_checklist: {
        ready_for_outbound: false,
        outbound_blocked_reason: "Provider 'retired' is unavailable.",
      },
    });
  });

  test('a new default replaces the old one, on creation and on set-default-outbound', async () => {
    const first = await addConfiguration(server, account, { name: 'First', is_default_outbound: true });
    expect(await defaults()).toEqual(['First']);
    await addConfiguration(server, account, { name: 'Second', is_default_outbound: true });
    expect(await defaults()).toEqual(['Second']);
    const reply = await send('post', `${one(first.id)}/set-default-outbound`).expect(200);
    expect(reply.body).toMatchObject({ name: 'First', is_default_outbound: true });
    expect(await defaults()).toEqual(['First']);
  });

  test('PUT renames, and changes nothing that is not given', async () => {
    const before = await addConfiguration(server, account, { name: 'First', is_default_outbound: true });
    await server.advance(1000);
    const reply = await send('put', one(before.id), { name: 'Renamed' }).expect(200);
    expect(reply.body).toEqual({ ...before, name: 'Renamed', updated_at: '2026-11-23T12:00:01.000Z' });
  });

  test('PUT with its own name or with the same provider is no conflict', async () => {
    const { id } = await addConfiguration(server, account, { name: 'First' });
    await send('put', one(id), { name: 'First', config: sandbox }).expect(200);
  });

  test('reactivate clears the inactive mark and its reason', async () => {
    const { id } = await addConfiguration(server, account, { name: 'Parked' });
    await alterConfiguration(server, id, {
      inactive_since: '2026-11-01T00:00:00.000Z',
      inactive_reason: 'unreachable',
    });
    expect((await send('post', `${one(id)}/reactivate`).expect(200)).body).toMatchObject({
      inactive: false,
      inactive_since: null,
      inactive_reason: null,
    });
  });

  test('DELETE removes the configuration and its numbers, whose addresses are free again', async () => {
    const first = await addConfiguration(server, account, { name: 'First' });
    await addPhoneNumber(server, account, first.id, { address: '+14155550100' });
    const reply = await send('delete', one(first.id)).expect(200);
    expect(reply.body).toEqual({ message: 'Telephony configuration deleted' });
    await send('get', one(first.id)).expect(404);
    const second = await addConfiguration(server, account, { name: 'First' });
    await addPhoneNumber(server, account, second.id, { address: '+14155550100' });
  });

  test('the warnings count none for carriers that this server does not have', async () => {
    const reply = await send('get', '/api/v1/organizations/telephony-config-warnings').expect(200);
    expect(reply.body).toEqual({
      telnyx_missing_webhook_public_key_count: 0,
      vonage_missing_signature_secret_count: 0,
    });
  });
});

describe('400', () => {
  test('the provider of a configuration cannot be changed', async () => {
    const { id } = await addConfiguration(server, account, { name: 'Old' });
    await alterConfiguration(server, id, { provider: 'retired' });
    const reply = await send('put', one(id), { name: 'New', config: sandbox }).expect(400);
    expect(reply.body).toMatchObject({
      detail: 'Provider cannot be changed; create a new configuration instead.',
    });
    expect((await send('get', one(id))).body).toMatchObject({ name: 'Old', provider: 'retired' });
  });
});

describe('401', () => {
  test('every route needs a key', async () => {
    await server.request.get(path).expect(401);
  });
});

describe('404', () => {
  test.each([
    ['get', ''],
    ['put', ''],
    ['delete', ''],
    ['post', '/set-default-outbound'],
    ['post', '/reactivate'],
    ['get', '/phone-numbers'],
  ] as const)('%s %s of an id that does not exist, or cannot', async (method, suffix) => {
    for (const id of ['4711', '99999999999', 'abc']) {
      const reply = await send(
        method,
        `${path}/${id}${suffix}`,
        method === 'put' ? { name: 'x' } : undefined,
      );
      expect([reply.status, reply.body]).toMatchObject([
        404,
        { detail: 'Telephony configuration not found' },
      ]);
    }
  });
});

describe('409', () => {
  const taken =
    "A telephony configuration named 'First' already exists in this organization. Pick a different name.";

  test('a name that is taken is refused on creation, and the default stays where it was', async () => {
    await addConfiguration(server, account, { name: 'First', is_default_outbound: true });
    const reply = await send('post', path, {
      name: 'First',
      is_default_outbound: true,
      config: sandbox,
    }).expect(409);
    expect(reply.body).toMatchObject({ detail: taken });
    expect(await defaults()).toEqual(['First']);
  });

  test('a name that is taken is refused on PUT', async () => {
    await addConfiguration(server, account, { name: 'First' });
    const second = await addConfiguration(server, account, { name: 'Second' });
    expect((await send('put', one(second.id), { name: 'First' }).expect(409)).body).toMatchObject({
      detail: taken,
    });
  });
});

describe('422', () => {
  test.each([
    ['no name', { config: sandbox }, 'missing', ['body', 'name']],
    ['an empty name', { name: '', config: sandbox }, 'string_too_short', ['body', 'name']],
    [
      'a name of 65 characters',
      { name: 'x'.repeat(65), config: sandbox },
      'string_too_long',
      ['body', 'name'],
    ],
    ['a NUL in the name', { name: 'a\0b', config: sandbox }, 'value_error', ['body', 'name']],
    [
      'half a surrogate pair in the name',
      { name: 'a\ud800', config: sandbox },
      'value_error',
      ['body', 'name'],
    ],
    ['no config', { name: 'x' }, 'missing', ['body', 'config']],
    [
      'an unknown provider',
      { name: 'x', config: { provider: 'nobody' } },
      'union_tag_invalid',
      ['body', 'config', 'provider'],
    ],
    ['no provider', { name: 'x', config: {} }, 'union_tag_invalid', ['body', 'config', 'provider']],
  ])('%s', async (_, body, type, loc) => {
    const reply = await send('post', path, body).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ type, loc }] });
  });
});

test.each([
  ['vonage', 'signature_secret', undefined, 'without it no event of Vonage can be verified'],
  ['vonage', 'signature_secret', '', 'without it no event of Vonage can be verified'],
  ['telnyx', 'webhook_public_key', undefined, 'public key'],
  ['telnyx', 'connection_id', undefined, 'Voice API application'],
  ['ari', 'dial_template', undefined, 'PJSIP/{number}@trunk'],
])('%s without %s (%j) is refused with the reason', async (provider, field, value, reason) => {
  const reply = await send('post', path, { name: 'x', config: { provider, [field]: value } }).expect(422);
  const { detail } = reply.body as { detail: { loc: string[]; msg: string }[] };
  const item = detail.find(({ loc }) => loc.at(-1) === field);
  expect(item?.msg.toLowerCase()).toContain(reason.toLowerCase());
});

describe('credentials at rest', () => {
  const settings = { auth_token: 'a-very-secret-token' };

  function create(name: string): Promise<number> {
    const { organizationId } = account;
    return server.services.storage.write((session) =>
      createConfiguration(server.services, session, {
        organizationId,
        name,
        isDefaultOutbound: false,
        provider: 'sandbox',
        settings,
      }),
    );
  }

  test('the database holds no credential in clear', async () => {
    await create('Needle in the name');
    const stored = await server.storedText();
    expect(stored).toContain('Needle in the name');
    expect(stored).not.toContain('a-very-secret-token');
    expect(stored).not.toContain('auth_token');
  });

  test('a stored field that the provider does not declare is not shown', async () => {
    const id = await create('Main line');
    expect((await send('get', one(id)).expect(200)).body).toMatchObject({ credentials: {} });
  });

  test('with another SECRETS_KEY the refusal says what to do', async () => {
    const id = await create('Main line');
    const services = { ...server.services, secrets: createSecrets('a1'.repeat(32)) };
    await expect(readConfiguration(services, account.organizationId, id)).rejects.toMatchObject({
      kind: 'unavailable',
      detail: expect.stringContaining(
        'Start the server with the SECRETS_KEY they were saved under',
      ) as string,
      internal: `SECRETS_KEY does not open telephony configuration ${String(id)}`,
    });
  });
});

test('an account says what an agent gets that names no answer, and why', async () => {
  const withModel = await startTestServer({ LLM_BASE_URL: 'http://127.0.0.1:9/v1', LLM_MODEL: 'm' });
  try {
    const owner = await withModel.signUp();
    const defaultAnswer = async (config: { provider: string; account_sid?: string; auth_token?: string }) => {
      const added = await withModel.request
        .post(path)
        .set('X-API-Key', owner.apiKey)
        .send({ name: `Line ${config.provider}`, config })
        .expect(200);
      const { id } = added.body as TelephonyConfiguration;
      const reply = await withModel.request.get(one(id)).set('X-API-Key', owner.apiKey).expect(200);
      return (reply.body as TelephonyConfiguration).setup_checklist?.default_answer;
    };
    const talks = {
      answer: 'converse',
      reason: expect.stringContaining('A language model is configured') as string,
    };
    expect(await defaultAnswer({ provider: 'sandbox' })).toEqual(talks);
    expect(
      await defaultAnswer({ provider: 'twilio', account_sid: `AC${'0'.repeat(32)}`, auth_token: 'token' }),
    ).toEqual(talks);
    expect(defaultAnswerOf(providers.ari, true, { sttCommand: [] })).toEqual({
      answer: 'announce',
      reason: expect.stringMatching(
        /STT_COMMAND.*An agent that names no answer speaks its greeting and does not listen\.$/,
      ) as string,
    });
    expect(defaultAnswerOf(providers.dograh, true, { sttCommand: [] })).toBeNull();
  } finally {
    await withModel.close();
  }
});
