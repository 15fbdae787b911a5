import { signWebhook, verifyWebhook, type ReceivedWebhook } from '@dograh-trigger/shared';
import { Webhook } from 'standardwebhooks';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const now = new Date('2026-11-23T12:00:00.000Z');
const body = '{"type":"call.completed","text":"Zoë 🎉"}';

function received(changes: Partial<ReceivedWebhook> = {}): ReceivedWebhook {
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(now.getTime() / 1000),
    'webhook-signature': new Webhook(secret).sign('msg_1', now, body),
  };
  return { headers, body, now, ...changes };
}

test('signs as the reference library of Standard Webhooks does', () => {
  const ours = signWebhook(secret, { id: 'msg_1', timestampSeconds: now.getTime() / 1000, body });
  expect(ours).toBe(new Webhook(secret).sign('msg_1', now, body));
});

test('the example of the specification’s library verifies', () => {
  // A test vector of https://github.com/standard-webhooks/standard-webhooks.
  const example = {
    headers: {
      'Webhook-Id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'Webhook-Timestamp': '1614265330',
      'Webhook-Signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
    now: new Date(1_614_265_330_000),
  };
  expect(verifyWebhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', example)).toEqual({ ok: true });
});

test.each([
  ['text', body],
  ['bytes', new TextEncoder().encode(body)],
])('a body given as %s is verified', (_name, given) => {
  expect(verifyWebhook(secret, received({ body: given }))).toEqual({ ok: true });
});

test('one valid signature among several is enough', () => {
  const { headers } = received();
  const wrong = new Webhook(other).sign('msg_1', now, body);
  const signatures = `v1a,abc ${wrong} ${String(headers['webhook-signature'])} nonsense`;
  expect(
    verifyWebhook(secret, received({ headers: { ...headers, 'webhook-signature': signatures } })),
  ).toEqual({ ok: true });
});

const unsigned = 'No signature of this webhook was made with this secret';
test.each<[string, string, Partial<ReceivedWebhook>]>([
  ['another secret', other, {}],
  ['a changed body', secret, { body: body.replace('Zoë', 'Zoe') }],
  ['another id', secret, { headers: { ...received().headers, 'webhook-id': 'msg_2' } }],
  [
    'the signature of another version',
    secret,
    {
      headers: {
        ...received().headers,
        'webhook-signature': String(received().headers['webhook-signature']).replace('v1,', 'v2,'),
      },
    },
  ],
])('%s is refused', (_name, key, changes) => {
  expect(verifyWebhook(key, received(changes))).toEqual({ ok: false, reason: unsigned });
});

test.each([
  ['5 minutes late', 300, true],
  ['5 minutes early', -300, true],
  ['later', 301, false],
  ['earlier', -301, false],
])('a webhook that is %s', (_name, seconds, ok) => {
  const at = new Date(now.getTime() + seconds * 1000);
  expect(verifyWebhook(secret, received({ now: at })).ok).toBe(ok);
});

test('the receiver sets the tolerance for the clocks', () => {
  const at = new Date(now.getTime() + 3600_000);
  expect(verifyWebhook(secret, received({ now: at, toleranceSeconds: 3600 }))).toEqual({ ok: true });
});

test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
  'a webhook without the header %s, or with two, is refused',
  (name) => {
    const { [name]: value, ...rest } = received().headers;
    for (const headers of [rest, { ...rest, [name]: '' }, { ...rest, [name]: [String(value), 'x'] }]) {
      const verdict = verifyWebhook(secret, received({ headers }));
      expect(verdict).toEqual({ ok: false, reason: expect.stringContaining('must each be there, once') });
    }
  },
);

test.each(['soon', '-1', '1e9', '1614265330.5', '9'.repeat(13)])(
  'a timestamp of %s is refused',
  (timestamp) => {
    const headers = { ...received().headers, 'webhook-timestamp': timestamp };
    expect(verifyWebhook(secret, received({ headers }))).toEqual({
      ok: false,
      reason: 'The header webhook-timestamp is not a number of seconds',
    });
  },
);

test.each(['', 'secret', 'whsec_', 'whsec_###', secret.slice('whsec_'.length)])(
  'an invalid secret (%j) is refused for signing and verifying',
  (wrong) => {
    expect(verifyWebhook(wrong, received())).toEqual({
      ok: false,
      reason: 'The signing secret must be whsec_ followed by base64',
    });
    expect(() => signWebhook(wrong, { id: 'a', timestampSeconds: 1, body })).toThrow(RangeError);
  },
);
