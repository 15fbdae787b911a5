/** The persistent connections to carriers that report by events: one per existing configuration. */
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { createAgent } from '../../support/agents';
import { alterConfiguration, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { ariSettings, startAri, type Ari } from '../../support/vendors/ari';

let vendor: Ari;
let server: TestServer;
let account: Account;
beforeEach(async () => {
  vendor = await startAri();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

async function configure(name: string): Promise<number> {
  const created = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ name, config: { provider: 'ari', ...ariSettings(vendor) } })
    .expect(200);
  return (created.body as { id: number }).id;
}

/** Each round is a real request, so that the process also handles what the other side did. */
async function untilConnections(count: number): Promise<void> {
  while (vendor.connections !== count) await server.request.get('/api/v1/health').expect(200);
}

test('at the start every configuration is connected, even if the credentials of one cannot be read', async () => {
  const unreadable = await configure('First');
  await configure('Second');
  await vendor.connected(2);
  server.services.connections.closeAll();
  await untilConnections(0);
  await alterConfiguration(server, unreadable, { credentials: 'sealed under another SECRETS_KEY' });
  await server.services.connectionKeeper.keep();
  await vendor.connected(3);
  expect(vendor.connections).toBe(1);
  const warnings = server.logLines.filter((line) => line.includes('could not be connected'));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`"configurationId":${String(unreadable)}`);
});

test('without a program that speaks, a configuration is saved but not ready, and a call is refused before the dial', async () => {
  const mute = await startTestServer({
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    PUBLIC_BASE_URL: 'https://calls.example.test',
    TTS_COMMAND: '/nothing/espeak-ng',
  });
  const owner = await mute.signUp();
  const agent = await createAgent(mute, owner);
  const get = (path: string) => mute.request.get(path).set('X-API-Key', owner.apiKey);
  const created = await mute.request
    .post(configurationsPath)
    .set('X-API-Key', owner.apiKey)
    .send({ name: 'PBX', config: { provider: 'ari', ...ariSettings(vendor) } })
    .expect(200);
  const { id } = created.body as { id: number };
  while (mute.services.connections.faultOf(id)?.isTemporary !== false) await get('/api/v1/health');
  const shown = await get(`${configurationsPath}/${String(id)}`);
  const { setup_checklist: checklist } = shown.body as TelephonyConfiguration;
  expect(checklist?.ready_for_outbound).toBe(false);
  expect(checklist?.outbound_blocked_reason).toContain('The TTS_COMMAND could not be run');
  const refusal = await mute.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', owner.apiKey)
    .send({ phone_number: '+14155550100', telephony_configuration_id: id });
  expect(refusal.status).toBe(400);
  expect(refusal.body).toMatchObject({ code: 'telephony_not_ready' });
  expect(refusal.headers).not.toHaveProperty('retry-after');
  expect(vendor.dials).toEqual([]);
  await mute.close();
});

test('a configuration that is deleted has no connection any more', async () => {
  const id = await configure('Line');
  await vendor.connected(1);
  await server.request
    .delete(`${configurationsPath}/${String(id)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  await untilConnections(0);
  // The server does not connect again.
  await server.advance(60_000);
  expect(vendor.connections).toBe(0);
});

test('a configuration whose settings change is reconnected, and its old connection is closed', async () => {
  const id = await configure('Line');
  await vendor.connected(1);
  await server.request
    .put(`${configurationsPath}/${String(id)}`)
    .set('X-API-Key', account.apiKey)
    .send({ config: { provider: 'ari', ...ariSettings(vendor), dial_template: 'SIP/{number}@trunk' } })
    .expect(200);
  await vendor.connected(2);
  await untilConnections(1);
});
