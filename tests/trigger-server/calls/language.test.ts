/** Language and voice of a call, from the request and the agent to the carrier. */
import type { UpdateAgentRequest } from '@dograh-trigger/shared';
import { createAgent, createSandbox, definitionWith, saveDraft, type TestAgent } from '../../support/agents';
import { countRuns } from '../../support/calls';
import { addCarrier } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { bearerToken, domain, startCloudonix } from '../../support/vendors/cloudonix';
import type { Vendor } from '../../support/vendors/vendor';

let vendor: Vendor;
let server: TestServer;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  vendor = await startCloudonix();
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

/** A carrier that takes its document with the dial. */
async function start(
  settings: UpdateAgentRequest['workflow_configurations'] = {},
  environment: Record<string, string> = {},
): Promise<void> {
  server = await startTestServer({
    CLOUDONIX_API_BASE_URL: vendor.origin,
    PUBLIC_BASE_URL: 'https://calls.example.test',
    SIGNUP_ENABLED: 'true',
    ...environment,
  });
  account = await server.signUp();
  const config = { provider: 'cloudonix', bearer_token: bearerToken, domain_id: domain };
  const options = { name: 'Carrier', is_default_outbound: true, number: '+14155550123' };
  await addCarrier(server, account, config, options);
  agent = await createAgent(server, account, definitionWith({ greeting: 'Hola' }), settings);
}

function trigger(body: object = {}, key?: string) {
  return server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set({ 'X-API-Key': account.apiKey, ...(key === undefined ? {} : { 'Idempotency-Key': key }) })
    .send({ phone_number: '+14155550100', ...body });
}

/** The attributes of `<Say>` in the last dial. */
function sayAttributes(): string | undefined {
  const { cxml } = JSON.parse(vendor.dials.at(-1)?.body.toString() ?? '{}') as { cxml?: string };
  return /<Say ?([^>]*)>Hola<\/Say>/.exec(cxml ?? '')?.[1];
}

const mexican = { language: 'es-MX', voice: 'Mia' };

test.each([
  ['neither is named: en-US', {}, {}, 'language="en-US"'],
  ['the agent names them', mexican, {}, 'language="es-MX" voice="Mia"'],
  ['the call names them', {}, { language: 'de-DE', voice: 'Hans' }, 'language="de-DE" voice="Hans"'],
  [
    'both name them: the call’s',
    mexican,
    { language: 'de-DE', voice: 'Hans' },
    'language="de-DE" voice="Hans"',
  ],
  [
    'the call names another language: not the agent’s voice',
    mexican,
    { language: 'de-DE' },
    'language="de-DE"',
  ],
  ['the call names the agent’s language', mexican, { language: 'ES-mx' }, 'language="es-MX" voice="Mia"'],
  ['the call names a voice alone', mexican, { voice: 'Lupe' }, 'language="es-MX" voice="Lupe"'],
  ['a voice alone: without a language', {}, { voice: 'Hans' }, 'voice="Hans"'],
  ['null counts as not named', mexican, { language: null, voice: null }, 'language="es-MX" voice="Mia"'],
])('%s', async (_what, settings, body, attributes) => {
  await start(settings);
  await trigger(body).expect(200);
  expect(sayAttributes()).toBe(attributes);
});

test('an unsupported language is a 501 that lists the others: no run, no dial, and the key stays unused', async () => {
  await start();
  const refused = await trigger({ language: 'xh-ZA' }, 'key-1').expect(501);
  expect(refused.body).toMatchObject({
    code: 'language_not_supported',
    detail: expect.stringMatching(
      /^Cloudonix cannot speak the language xh-ZA\. It speaks: en-US, .*es-MX.*Nobody was called\./,
    ) as string,
  });
  expect(vendor.dials).toHaveLength(0);
  expect(await countRuns(server, account)).toBe(0);
  await trigger({}, 'key-1').expect(200);
});

test.each([
  ['another region of a language that it speaks', { language: 'es-AR' }],
  ['the agent’s own language', {}],
])('%s is refused as well', async (_what, body) => {
  await start({ language: 'xh-ZA' });
  const refused = await trigger(body).expect(501);
  expect(refused.body).toMatchObject({ code: 'language_not_supported' });
  expect(await countRuns(server, account)).toBe(0);
});

test('a ringing test call is hung up at the answer if its draft has changed to an unsupported language', async () => {
  await start();
  const draft = (language: string) =>
    saveDraft(server, account, agent, { workflow_configurations: { language } });
  await draft('es-MX');
  const placed = await server.request
    .post(`/api/v1/public/agent/test/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100' })
    .expect(200);
  const { workflow_run_id: runId } = placed.body as { workflow_run_id: number };
  const instructions = async () =>
    (await server.services.callReports('cloudonix').answeredCall(runId))?.instructions;
  expect(await instructions()).toMatchObject([{ name: 'say', language: 'es-MX' }, { name: 'hang_up' }]);
  await draft('xh-ZA');
  expect(await instructions()).toEqual([{ name: 'hang_up' }]);
});

test('the carrier does not speak in a stream, so any language is accepted', async () => {
  await start({ answer: 'stream', stream_url: 'wss://agent.example.test/m', language: 'xh-ZA' });
  await trigger().expect(200);
});

test('a voice that the carrier does not have is a 501, and the sandbox accepts every voice', async () => {
  await start();
  const vobiz = { provider: 'vobiz', auth_id: 'MA_TEST0001', auth_token: 'token-0001' };
  const { id } = await addCarrier(server, account, vobiz, { name: 'India', number: '+918012345678' });
  const body = { telephony_configuration_id: id, voice: 'Polly.Mia' };
  const refused = await trigger(body).expect(501);
  expect(refused.body).toEqual({
    code: 'voice_not_supported',
    detail: 'Vobiz has no voice Polly.Mia. Nobody was called. Its voices are WOMAN and MAN.',
  });
  const sandbox = await createSandbox(server, account);
  await trigger({ ...body, telephony_configuration_id: sandbox, language: 'xh-ZA' }).expect(200);
});

test.each([
  ['a word', { language: 'Spanish, please' }, 'language'],
  ['a number', { language: 7 }, 'language'],
  ['a voice that is an option of a program', { voice: '-w/tmp/x' }, 'voice'],
  ['a voice that is a path', { voice: '../../voices/x' }, 'voice'],
  ['a voice that is markup', { voice: '"/><Dial>' }, 'voice'],
])('%s is a 422 that names the field, and no agent can be saved with it', async (_what, body, field) => {
  await start();
  const refused = await trigger(body).expect(422);
  expect(refused.body).toMatchObject({ detail: [{ loc: ['body', field] }] });
  expect(vendor.dials).toHaveLength(0);
  await server.request
    .put(`/api/v1/workflow/${String(agent.id)}`)
    .set('X-API-Key', account.apiKey)
    .send({ workflow_configurations: body })
    .expect(422);
});

test('the same idempotency key with another language is a different request', async () => {
  await start();
  await trigger({ language: 'es-MX' }, 'key-1').expect(200);
  const reused = await trigger({ language: 'es-ES' }, 'key-1').expect(422);
  expect(reused.body).toMatchObject({ code: 'idempotency_key_reused' });
});

test('with EXTENSIONS empty both fields are unknown, as on Dograh, and any value is accepted', async () => {
  await start({}, { EXTENSIONS: '' });
  await trigger({ language: 7, voice: ['x'] }).expect(200);
  expect(sayAttributes()).toBe('language="en-US"');
});

test('while only this extension is off, both fields are listed in Ignored-Fields', async () => {
  await start({}, { EXTENSIONS: 'idempotency-key' });
  const reply = await trigger({ language: 'es-MX', voice: 'Mia' }).expect(200);
  expect(reply.headers['ignored-fields']).toBe('language, voice');
  expect(sayAttributes()).toBe('language="en-US"');
});
