/** The guarantees of the callback address, for any carrier. The contract suite tests each carrier's signatures. */
import { createAgent } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { addPhoneNumber, configurationsPath } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { accountSid, authToken, startTwilio, twilioCallback } from '../../../support/vendors/twilio';
import type { Vendor, VendorCallback } from '../../../support/vendors/vendor';

const publicBaseUrl = 'https://calls.example.test';
const settings = { account_sid: accountSid, auth_token: authToken };

let vendor: Vendor;
let server: TestServer;
let account: Account;
let configurationId: number;
let runId: number;
let callback: VendorCallback;

beforeEach(async () => {
  vendor = await startTwilio();
  server = await startTestServer({
    PUBLIC_BASE_URL: publicBaseUrl,
    SIGNUP_ENABLED: 'true',
    TWILIO_API_BASE_URL: vendor.origin,
  });
  account = await server.signUp();
  const created = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Carrier', config: { provider: 'twilio', ...settings } })
    .expect(200);
  configurationId = (created.body as { id: number }).id;
  await addPhoneNumber(server, account, configurationId, { address: '+14155550123' });
  runId = await startCall(server, account, await createAgent(server, account), {
    phone_number: '+14155550100',
  });
  const [dial] = vendor.dials;
  const completed = dial === undefined ? null : vendor.callback(dial, 'completed');
  if (completed === null) throw new Error('The vendor does not call back');
  callback = completed;
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

function deliver(url = callback.url) {
  return server.request
    .post(url.slice(publicBaseUrl.length))
    .set(callback.headers)
    .send(callback.body ?? '');
}

async function expectUntouched(): Promise<void> {
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
}

test('the signature is valid behind a proxy that ends TLS and changes the host', async () => {
  const reply = await deliver().set('Host', 'internal.example').set('X-Forwarded-Proto', 'http');
  expect(reply.status).toBe(200);
  expect((await readRun(server, account, runId)).status).toBe('completed');
});

test.each<[string, (url: string) => string]>([
  ['an unknown run', (url) => url.replace(`/status/${String(runId)}/`, '/status/999999/')],
  ['an invalid run id', (url) => url.replace(`/status/${String(runId)}/`, '/status/1e3/')],
  ['an invalid turn', (url) => url.replace(`/${String(runId)}/0/`, `/${String(runId)}/00/`)],
  ['another provider', (url) => url.replace('/twilio/', '/sandbox/')],
  ['an unknown provider', (url) => url.replace('/twilio/', '/nobody/')],
  ['an unknown purpose', (url) => url.replace('/status/', '/anything/')],
])('%s is a 401 that reveals nothing', async (_title, change) => {
  const url = change(callback.url);
  expect(url).not.toBe(callback.url);
  const reply = await deliver(url).expect(401);
  expect(reply.body).toMatchObject({ detail: 'Invalid webhook signature' });
  await expectUntouched();
});

test('the token of turn 0 is not valid for turn 1, even with a valid signature of the carrier', async () => {
  const fields = Object.fromEntries(new URLSearchParams(callback.body));
  const next = twilioCallback(callback.url.replace(`/${String(runId)}/0/`, `/${String(runId)}/1/`), fields);
  expect(next.url).not.toBe(callback.url);
  await server.request
    .post(next.url.slice(publicBaseUrl.length))
    .set(next.headers)
    .send(next.body ?? '')
    .expect(401);
  await expectUntouched();
  await deliver().expect(200);
});

test('a callback after the configuration was deleted is a 401', async () => {
  await server.request
    .delete(`${configurationsPath}/${String(configurationId)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  await deliver().expect(401);
  await expectUntouched();
});

test('another method is a 405, a body of 300 KiB a 413', async () => {
  const path = callback.url.slice(publicBaseUrl.length);
  await server.request.delete(path).expect(405);
  await server.request
    .post(path)
    .set(callback.headers)
    .send('x'.repeat(300 * 1024))
    .expect(413);
  await expectUntouched();
});

test('the log of a callback contains the run, but neither token nor phone number', async () => {
  await deliver().expect(200);
  const lines = server.logLines.filter((line) => line.includes('/telephony/callbacks/'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`"runId":${String(runId)}`);
  const token = callback.url.split('/').at(-1) ?? '';
  expect(server.logLines.join('\n')).not.toContain(token);
  expect(server.logLines.join('\n')).not.toContain('4155550100');
});
