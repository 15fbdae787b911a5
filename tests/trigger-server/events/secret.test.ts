/** The signing secret of an organization, and its rotation. */
import { verifyWebhook, type WebhookSecret } from '@dograh-trigger/shared';
import { Webhook } from 'standardwebhooks';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, usualSecretsKey, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
  receiversAllowed,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

const path = '/api/v1/organizations/webhook-secret';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let agent: TestAgent;

beforeAll(async () => {
  server = await startTestServer(receiversAllowed);
});
beforeEach(async () => {
  receiver = await startReceiver();
  ({ account, agent } = await readyToCall(server));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await receiver.close();
});
afterAll(() => server.close());

async function read(by = account): Promise<WebhookSecret> {
  return (await server.request.get(path).set('X-API-Key', by.apiKey).expect(200)).body as WebhookSecret;
}

async function rotate(): Promise<WebhookSecret> {
  return (await server.request.post(path).set('X-API-Key', account.apiKey).expect(200)).body as WebhookSecret;
}

/** Which of the secrets verify the last event, by the reference library and by our own verification. */
async function verifiedBy(secrets: string[]): Promise<boolean[]> {
  await completeCall(server, account, agent, { callback_url: receiver.url });
  await deliverDue(server);
  const { headers, body } = receiver.requests.at(-1)!;
  const now = server.clock.now();
  jest.spyOn(Date, 'now').mockReturnValue(now.getTime());
  return secrets.map((secret) => {
    const { ok } = verifyWebhook(secret, { headers, body, now });
    const oracle = () => new Webhook(secret).verify(body, headers as Record<string, string>);
    if (ok) oracle();
    else expect(oracle).toThrow('No matching signature found');
    return ok;
  });
}

test('a secret is created once, differs by organization, and is not unencrypted in the database', async () => {
  const first = await read();
  expect(first).toEqual({
    secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    previous_secret_expires_at: null,
  });
  expect(await read()).toEqual(first);
  expect((await read(await server.signUp())).secret).not.toBe(first.secret);
  const stored = await server.services.storage.read.run(
    server.services.storage.read.builder.selectFrom('webhook_secrets').selectAll().compile(),
  );
  expect(JSON.stringify(stored.rows)).not.toContain(first.secret.slice('whsec_'.length));
});

test('simultaneous requests get the same secret', async () => {
  const secrets = await Promise.all(Array.from({ length: 8 }, () => read()));
  expect(new Set(secrets.map(({ secret }) => secret)).size).toBe(1);
});

test('for 24 hours after a rotation events are signed with the new and the old secret, then with the new one', async () => {
  const old = await read();
  expect(await verifiedBy([old.secret])).toEqual([true]);
  const rotated = await rotate();
  const dayLater = new Date(server.clock.now().getTime() + 24 * 3_600_000).toISOString();
  expect(rotated).toEqual({ secret: rotated.secret, previous_secret_expires_at: dayLater });
  expect(await read()).toEqual(rotated);
  expect(await verifiedBy([rotated.secret, old.secret])).toEqual([true, true]);
  await server.advance(24 * 3_600_000);
  expect(await verifiedBy([rotated.secret, old.secret])).toEqual([true, false]);
  expect(await read()).toEqual({ secret: rotated.secret, previous_secret_expires_at: null });
});

test('a repeated rotation still signs with the first secret', async () => {
  const old = await read();
  await rotate();
  const newest = await rotate();
  expect(await verifiedBy([newest.secret, old.secret])).toEqual([true, true]);
});

test('of many rotations within 24 hours the four newest secrets sign, which ends the one before them at once', async () => {
  const secrets = [(await read()).secret];
  for (let rotation = 1; rotation <= 4; rotation += 1) secrets.push((await rotate()).secret);
  expect(await verifiedBy(secrets)).toEqual([false, true, true, true, true]);
});

test('with another SECRETS_KEY the error says what to do; events wait, and are sent once the secret is rotated', async () => {
  const before = await read();
  await completeCall(server, account, agent, { callback_url: receiver.url });
  try {
    server.changeSecretsKey('aa'.repeat(32));
    const reply = await server.request.get(path).set('X-API-Key', account.apiKey).expect(503);
    expect((reply.body as { detail: string }).detail).toContain('SECRETS_KEY');
    await deliverDue(server);
    expect(receiver.requests).toHaveLength(0);
    const [delivery] = await listDeliveries(server, account);
    expect(delivery?.status).toBe('pending');
    expect((await readDelivery(server, account, delivery!.id)).attempts).toMatchObject([
      { status_code: null, error: expect.stringContaining('SECRETS_KEY') },
    ]);
    const { secret } = await rotate();
    await server.advance(60_000);
    await deliverDue(server);
    const { headers, body } = receiver.requests[0]!;
    expect(verifyWebhook(secret, { headers, body, now: server.clock.now() })).toEqual({ ok: true });
    expect(verifyWebhook(before.secret, { headers, body, now: server.clock.now() }).ok).toBe(false);
  } finally {
    server.changeSecretsKey(usualSecretsKey);
  }
});
