/** What a call does if a machine answers: from the request and the agent to the carrier and the run. */
import type { UpdateAgentRequest } from '@dograh-trigger/shared';
import { createAgent, createSandbox, publish, saveDraft, type TestAgent } from '../../support/agents';
import { readRun } from '../../support/calls';
import { spokenIn } from '../../support/endings';
import { addPhoneNumber, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { bearerToken, domain } from '../../support/vendors/cloudonix';
import { accountSid, authToken, startTwilio } from '../../support/vendors/twilio';
import type { Vendor } from '../../support/vendors/vendor';

let vendor: Vendor;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let sandbox: number;

beforeEach(async () => {
  vendor = await startTwilio();
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

/** @param amd the account's own setting for machine detection. */
async function start(
  settings: UpdateAgentRequest['workflow_configurations'] = {},
  environment: Record<string, string> = {},
  amd = false,
): Promise<void> {
  server = await startTestServer({
    TWILIO_API_BASE_URL: vendor.origin,
    PUBLIC_BASE_URL: 'https://calls.example.test',
    ...environment,
  });
  account = await server.signUp();
  const config = { provider: 'twilio', account_sid: accountSid, auth_token: authToken, amd_enabled: amd };
  sandbox = await createSandbox(server, account);
  await addCarrier('+14155550123', config, true);
  agent = await createAgent(server, account);
  await saveDraft(server, account, agent, { workflow_configurations: settings });
  await publish(server, account, agent);
}

async function addCarrier(address: string, config: object, isDefault = false): Promise<number> {
  const created = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ name: `Line ${address}`, is_default_outbound: isDefault, config })
    .expect(200);
  const { id } = created.body as { id: number };
  await addPhoneNumber(server, account, id, { address });
  return id;
}

function addCloudonix(): Promise<number> {
  const config = { provider: 'cloudonix', bearer_token: bearerToken, domain_id: domain };
  return addCarrier('+14155550124', config);
}

function trigger(body: object = {}, key?: string) {
  return server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set({ 'X-API-Key': account.apiKey, ...(key === undefined ? {} : { 'Idempotency-Key': key }) })
    .send({ phone_number: '+14155550100', ...body });
}

/** How the last dial asks for machine detection. */
function detection(): string | null {
  const form = new URLSearchParams(vendor.dials.at(-1)?.body.toString() ?? '');
  return form.get('MachineDetection');
}

async function countRuns(): Promise<number> {
  const list = await server.request
    .get('/api/v1/organizations/usage/runs')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (list.body as { total_count: number }).total_count;
}

/** A call that the sandbox's machine answers. */
async function callMachine(body: object) {
  const placed = await trigger({
    phone_number: '+15005550015',
    telephony_configuration_id: sandbox,
    ...body,
  }).expect(200);
  await server.advance(1000);
  return readRun(server, account, (placed.body as { workflow_run_id: number }).workflow_run_id);
}

test.each([
  ['nothing is said: as the account is set, off', {}, {}, false, null],
  ['nothing is said: as the account is set, on', {}, {}, true, 'Enable'],
  ['the agent hangs up', { voicemail: { action: 'hang_up' } }, {}, false, 'Enable'],
  ['the call speaks', {}, { voicemail: { action: 'speak' } }, false, 'Enable'],
  ['the call leaves a message', {}, { voicemail: { action: 'leave_message' } }, false, 'DetectMessageEnd'],
  [
    'both say it: the call’s',
    { voicemail: { action: 'hang_up' } },
    { voicemail: { action: 'leave_message' } },
    true,
    'DetectMessageEnd',
  ],
] as const)('detection is switched on by the call. %s', async (_what, settings, body, amd, expected) => {
  await start(settings, {}, amd);
  await trigger(body).expect(200);
  expect(detection()).toBe(expected);
});

test.each([
  ['hang_up', undefined, [], false],
  ['speak', undefined, ['Hello Jane'], false],
  ['leave_message', 'Bye {{user.name}}', ['Hello Jane', 'Bye Jane'], true],
  ['leave_message', undefined, ['Hello Jane', 'Hello Jane'], true],
])('%s with message %s: the sandbox’s machine hears %j', async (action, message, spoken, left) => {
  await start();
  const initial_context = { user: { name: 'Jane' } };
  const run = await callMachine({ voicemail: { action, message }, initial_context });
  expect(spokenIn(run)).toEqual(spoken);
  expect(run).toMatchObject({
    voicemail_left: left,
    gathered_context: { answered_by: 'machine', call_disposition: 'voicemail_detected' },
  });
  const list = await server.request
    .get('/api/v1/organizations/usage/runs')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(list.body).toMatchObject({ runs: [{ id: run.id, voicemail_left: left }] });
});

test('a call that says nothing about it has no voicemail_left, even if a machine answers', async () => {
  await start();
  const run = await callMachine({});
  expect(run).toMatchObject({
    voicemail_left: null,
    gathered_context: { call_disposition: 'voicemail_detected' },
  });
});

test('a carrier that cannot tell is a 501 in words: no run, and the key stays unused', async () => {
  await start();
  const cloudonix = await addCloudonix();
  const body = { telephony_configuration_id: cloudonix, voicemail: { action: 'hang_up' } };
  const refused = await trigger(body, 'key-1').expect(501);
  expect(refused.body).toEqual({
    code: 'voicemail_not_supported',
    detail:
      'Cloudonix cannot tell this server whether a person or a machine answered. Nobody was called. Leave voicemail out of the call and of the agent’s settings, or choose another telephony configuration.',
  });
  expect(await countRuns()).toBe(0);
  await trigger({}, 'key-1').expect(200);
});

test('an agent’s setting is refused as well where the carrier cannot tell', async () => {
  await start({ voicemail: { action: 'speak' } });
  const cloudonix = await addCloudonix();
  const refused = await trigger({ telephony_configuration_id: cloudonix }).expect(501);
  expect(refused.body).toMatchObject({ code: 'voicemail_not_supported' });
});

test('the readiness of a configuration says what its calls can do', async () => {
  await start();
  const cloudonix = await addCloudonix();
  const read = async (id: number) =>
    (
      await server.request
        .get(`${configurationsPath}/${String(id)}`)
        .set('X-API-Key', account.apiKey)
        .expect(200)
    ).body as object;
  const all = ['hang_up', 'leave_message', 'speak'];
  expect(await read(sandbox)).toMatchObject({
    setup_checklist: { voicemail: { announce: all, stream: all } },
  });
  expect(await read(cloudonix)).toMatchObject({
    setup_checklist: { voicemail: { announce: [], stream: [] } },
  });
});

test.each([
  ['an unknown action', { action: 'wait' }, ['body', 'voicemail', 'action']],
  ['a message that is not left', { action: 'hang_up', message: 'Bye' }, ['body', 'voicemail', 'message']],
  ['an empty message', { action: 'leave_message', message: ' ' }, ['body', 'voicemail', 'message']],
  [
    'a message that is too long',
    { action: 'leave_message', message: 'a'.repeat(4001) },
    ['body', 'voicemail', 'message'],
  ],
  ['an unknown name', { action: 'speak', text: 'Bye' }, ['body', 'voicemail']],
  ['a word', 'hang_up', ['body', 'voicemail']],
])('%s is a 422 that names the place, and no agent can be saved with it', async (_what, voicemail, loc) => {
  await start();
  const refused = await trigger({ voicemail }).expect(422);
  expect(refused.body).toMatchObject({ detail: [{ loc }] });
  expect(vendor.dials).toHaveLength(0);
  await server.request
    .put(`/api/v1/workflow/${String(agent.id)}`)
    .set('X-API-Key', account.apiKey)
    .send({ workflow_configurations: { voicemail } })
    .expect(422);
});

test('the same idempotency key with another message is a different request', async () => {
  await start();
  const leave = (message: string) => ({ voicemail: { action: 'leave_message', message } });
  await trigger(leave('Bye'), 'key-1').expect(200);
  const reused = await trigger(leave('Good bye'), 'key-1').expect(422);
  expect(reused.body).toMatchObject({ code: 'idempotency_key_reused' });
});

test('a variable of the message that nobody filled is listed, and refused where variables are strict', async () => {
  await start();
  const voicemail = { action: 'leave_message', message: 'Call {{desk}}, {{user.name | there}}' };
  const run = await callMachine({ voicemail });
  expect(run.unresolved_variables).toEqual(['desk']);
  const refused = await trigger({ voicemail, strict_variables: true }).expect(422);
  expect(refused.body).toMatchObject({ detail: [{ ctx: { variables: ['desk'] } }] });
});

test('with EXTENSIONS empty the field is unknown, as on Dograh, and any value is accepted', async () => {
  await start({}, { EXTENSIONS: '' });
  const placed = await trigger({ voicemail: 7 }).expect(200);
  expect(detection()).toBeNull();
  const run = await readRun(server, account, (placed.body as { workflow_run_id: number }).workflow_run_id);
  expect(run).not.toHaveProperty('voicemail_left');
});

test('while only this extension is off, the field is listed in Ignored-Fields', async () => {
  await start({}, { EXTENSIONS: 'idempotency-key' });
  const reply = await trigger({ voicemail: { action: 'hang_up' } }).expect(200);
  expect(reply.headers['ignored-fields']).toBe('voicemail');
  expect(detection()).toBeNull();
});
