/**
 * Vonage on the loopback: the Voice API behind RS256 tokens, the account's applications and numbers behind its key and
 * secret, and events signed as Vonage signs them. https://developer.vonage.com/en/api/voice
 */
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { sign, verify, type JwtPayload } from 'jsonwebtoken';
import type { ReceivedRequest } from '../local-server';
import { ManualClock } from '../manual-clock';
import { startVendor, type CallEvent, type Vendor, type VendorAnswer, type VendorCallback } from './vendor';

/** PEM, PKCS 8. The line before it is explanatory text as RFC 7468 allows. */
function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return `SECRET\n${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim()}`;
}

/** What a user would save. */
export const vonageSettings = {
  api_key: 'SECRET01',
  api_secret: 'SECRET-vonage-api-secret',
  application_id: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab',
  private_key: newPrivateKey(),
  signature_secret: 'SECRET-vonage-signature-secret-of-32-characters',
};

/** Applications of the same account that cannot be used. */
export const unusableApplications = {
  unknown: '00000000-0000-4000-8000-000000000000',
  withoutVoice: '00000000-0000-4000-8000-000000000001',
  unsigned: '00000000-0000-4000-8000-000000000002',
  withAnotherKey: '00000000-0000-4000-8000-000000000003',
};

/** A number that the account does not own. */
export const foreignNumber = '+15005559999';

const publicKey = publicPem(vonageSettings.private_key);

const voice = { webhooks: {}, signed_callbacks: true };
const applications: Record<string, object> = {
  [vonageSettings.application_id]: { keys: { public_key: publicKey }, capabilities: { voice } },
  [unusableApplications.withoutVoice]: { keys: { public_key: publicKey }, capabilities: { messages: {} } },
  [unusableApplications.unsigned]: {
    keys: { public_key: publicKey },
    capabilities: { voice: { ...voice, signed_callbacks: false } },
  },
  [unusableApplications.withAnotherKey]: {
    keys: { public_key: publicPem(newPrivateKey()) },
    capabilities: { voice },
  },
};

const knownFields = new Set([
  'to',
  'from',
  'random_from_number',
  'answer_url',
  'answer_method',
  'event_url',
  'event_method',
  'ringing_timer',
  'length_timer',
  'machine_detection',
  'advanced_machine_detection',
]);

const words: Record<CallEvent, string> = {
  ringing: 'ringing',
  answered: 'answered',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'timeout',
  failed: 'failed',
  canceled: 'cancelled',
};

const ends = new Set(['completed', 'busy', 'timeout', 'failed', 'cancelled']);

/** An event as Vonage sends and signs it. @param claims in place of Vonage's own. */
export function vonageEvent(url: string, event: object, claims: object = {}): VendorCallback {
  const body = JSON.stringify(event);
  const token = sign(
    {
      iat: Math.floor(new ManualClock().now().getTime() / 1000),
      jti: '5e8b1f6c-0d0f-4d2e-9f5a-2b8c6a3d1e47',
      iss: 'Vonage',
      payload_hash: createHash('sha256').update(body).digest('hex'),
      api_key: vonageSettings.api_key,
      application_id: vonageSettings.application_id,
      ...claims,
    },
    vonageSettings.signature_secret,
    { algorithm: 'HS256' },
  );
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  };
}

export function startVonage(): Promise<Vendor> {
  /** The call of a dial, even if the reply to the dial was never sent. */
  const uuids = new Map<ReceivedRequest, string>();
  const statuses = new Map<string, string>();
  const tokenIds = new Set<string>();
  const uuidOf = (dial: ReceivedRequest): string => {
    const uuid = uuids.get(dial) ?? `63f61863-4a51-4f6b-86e1-${String(uuids.size + 1).padStart(12, '0')}`;
    uuids.set(dial, uuid);
    return uuid;
  };

  return startVendor({
    isDial: ({ method, url }) => method === 'POST' && url === '/v1/calls',
    dial(request, play) {
      if (!isApplication(request, tokenIds)) return unauthorized;
      checkDial(request);
      if (play === 'rate-limit') {
        return { status: 429, body: { title: 'Rate Limited', detail: 'Too many calls a second.' } };
      }
      if (play === 'refuse') {
        return {
          status: 400,
          body: {
            type: 'https://developer.vonage.com/api-errors',
            title: 'Bad Request',
            detail: 'Your request parameters did not validate.',
            invalid_parameters: [{ name: 'to[0].number', reason: 'is not a phone number' }],
            instance: 'bf0ca0bf927b3b52e3cb03217e1a1ddf',
          },
        };
      }
      const uuid = uuidOf(request);
      statuses.set(uuid, 'started');
      const conversation = `CON-${uuid}`;
      return {
        status: 201,
        body: { uuid, status: 'started', direction: 'outbound', conversation_uuid: conversation },
      };
    },
    other(request) {
      const { pathname, searchParams } = new URL(request.url, 'http://vonage.test');
      if (!pathname.startsWith('/v1/')) return accountAnswer(request, pathname, searchParams);
      if (!isApplication(request, tokenIds)) return unauthorized;
      if (pathname === '/v1/calls') {
        const word = searchParams.get('status');
        expectThat(
          word !== null || !Number.isNaN(Date.parse(searchParams.get('date_start') ?? '')),
          'date_start',
        );
        const found = [...uuids].filter(([, uuid]) => word === null || statuses.get(uuid) === word);
        const calls = found.map(([dial, uuid]) => {
          const { to, from } = bodyOf(dial);
          return { uuid, direction: 'outbound', status: statuses.get(uuid), to: to?.[0], from };
        });
        return { status: 200, body: { count: calls.length, page_size: 100, _embedded: { calls } } };
      }
      const uuid = /^\/v1\/calls\/([0-9a-f-]+)$/.exec(pathname)?.[1] ?? '';
      const status = statuses.get(uuid);
      if (status === undefined || (request.method === 'PUT' && ends.has(status))) {
        return { status: 404, body: { title: 'Not Found', detail: 'You do not have a call of this ID.' } };
      }
      if (request.method === 'PUT') {
        const update = bodyOf(request) as { action?: string; destination?: { type: string; url: string[] } };
        if (update.action === 'transfer') {
          const [url = ''] = update.destination?.url ?? [];
          expectThat(update.destination?.type === 'ncco' && url.startsWith('https:'), 'this transfer');
          return { status: 204, body: '' };
        }
        expectThat(request.body.toString('utf8') === '{"action":"hangup"}', 'any action but hangup');
        statuses.set(uuid, 'completed');
        return { status: 204, body: '' };
      }
      return { status: 200, body: { uuid, status, ...(status === 'completed' ? { duration: '12' } : {}) } };
    },
    callback(dial, event) {
      const uuid = uuidOf(dial);
      statuses.set(uuid, words[event]);
      const { to, from, event_url } = bodyOf(dial);
      return vonageEvent(event_url?.[0] ?? '', {
        uuid,
        conversation_uuid: `CON-${uuid}`,
        from: from?.number ?? null,
        to: to?.[0]?.number ?? null,
        direction: 'outbound',
        status: words[event],
        timestamp: '2026-11-23T12:00:00.000Z',
        ...(event === 'completed' ? { duration: '12', disconnected_by: 'user' } : {}),
        ...(event === 'failed' ? { detail: 'cannot_route' } : {}),
      });
    },
    answerRequest(dial) {
      const { to, from, answer_url } = bodyOf(dial);
      const query = new URLSearchParams({
        to: to?.[0]?.number ?? '',
        from: from?.number ?? '',
        conversation_uuid: `CON-${uuidOf(dial)}`,
        uuid: uuidOf(dial),
      });
      return { method: 'GET', url: `${answer_url?.[0] ?? ''}?${query.toString()}`, headers: {} };
    },
  });
}

const unauthorized: VendorAnswer = {
  status: 401,
  body: { type: 'UNAUTHORIZED', error_title: 'Unauthorized' },
};

interface DialBody {
  to?: { type: string; number: string }[];
  from?: { type: string; number: string };
  answer_url?: string[];
  event_url?: string[];
  [field: string]: unknown;
}

function bodyOf(request: ReceivedRequest): DialBody {
  return JSON.parse(request.body.toString('utf8')) as DialBody;
}

function publicPem(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}

/** A token of the application, used for the first time. */
function isApplication(request: ReceivedRequest, used: Set<string>): boolean {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  let claims: JwtPayload;
  try {
    claims = verify(token, publicKey, { algorithms: ['RS256'], ignoreExpiration: true }) as JwtPayload;
  } catch {
    return false;
  }
  const { application_id, iat = 0, exp = Infinity, jti } = claims;
  expectThat(exp > iat && exp - iat <= 24 * 60 * 60, 'a token that is valid for longer than a day');
  expectThat(jti !== undefined && !used.has(jti), 'a token twice');
  used.add(jti ?? '');
  return application_id === vonageSettings.application_id;
}

/** The Application API, and the Numbers API, which omits `numbers` without a match. */
function accountAnswer(request: ReceivedRequest, path: string, query: URLSearchParams): VendorAnswer {
  const { api_key, api_secret } = vonageSettings;
  const credentials = Buffer.from(`${api_key}:${api_secret}`).toString('base64');
  if (request.headers.authorization !== `Basic ${credentials}`) {
    return { status: 401, body: { 'error-code': '401', 'error-code-label': 'authentication failed' } };
  }
  if (path === '/account/numbers') {
    const pattern = query.get('pattern') ?? '';
    expectThat(/^\d{7,15}$/.test(pattern), 'this pattern');
    if (pattern === foreignNumber.slice(1)) return { status: 200, body: {} };
    return {
      status: 200,
      body: { count: 1, numbers: [{ country: 'US', msisdn: pattern, features: ['VOICE'] }] },
    };
  }
  const id = /^\/v2\/applications\/([0-9a-f-]+)$/.exec(path)?.[1] ?? '';
  const application = applications[id];
  if (application !== undefined) return { status: 200, body: { id, name: 'Calls', ...application } };
  return { status: 404, body: { title: 'Not Found', detail: 'Application was not found.' } };
}

/** Throws for a request that Vonage would refuse, or that contains unexpected fields. */
function checkDial(request: ReceivedRequest): void {
  expectThat(request.headers['content-type']?.startsWith('application/json') === true, 'the content type');
  const body = bodyOf(request);
  for (const name of Object.keys(body)) expectThat(knownFields.has(name), `the field ${name}`);
  const phones = [...(body.to ?? []), ...(body.from === undefined ? [] : [body.from])];
  for (const { type, number } of phones) {
    expectThat(type === 'phone' && /^[1-9]\d{6,14}$/.test(number), `the number of a ${type}`);
  }
  expectThat(body.to?.length === 1, 'but one destination');
  expectThat((body.from === undefined) === (body.random_from_number === true), 'the caller ID');
  for (const url of [body.answer_url, body.event_url]) {
    expectThat(url?.length === 1 && new URL(url[0] ?? '').protocol === 'https:', 'a callback URL');
  }
  expectThat(body.answer_method === 'GET' && body.event_method === 'POST', 'the methods');
  expectThat(isWithin(body.ringing_timer, 1, 120), 'ringing_timer');
  expectThat(isWithin(body.length_timer, 1, 7200), 'length_timer');
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Vonage does not take ${what}`);
}
