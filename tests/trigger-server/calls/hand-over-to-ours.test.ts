/** The bundled server as the Dograh that another one hands its calls over to: plain, as itself, and in a circle. */
import type { Agent, ImportedAgents, UsagePage } from '@dograh-trigger/shared';
import { createAgent, definitionWith, type TestAgent } from '../../support/agents';
import { addCarrier, addConfiguration, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

const open = { ALLOWED_PRIVATE_TARGETS: '127.0.0.1, ::1' };

let here: TestServer;
let there: TestServer;
let caller: Account;
let owner: Account;
beforeEach(async () => {
  here = await startTestServer(open);
  there = await startTestServer({ ...open, EXTENSIONS: '' });
  // The id of a server follows from its key.
  there.changeSecretsKey('7a'.repeat(32));
  caller = await here.signUp();
  owner = await there.signUp();
});
afterEach(async () => {
  await here.close();
  await there.close();
});

const settings = (server: TestServer, { apiKey }: Account) => ({
  provider: 'dograh',
  base_url: server.baseUrl,
  api_key: apiKey,
});

function trigger(server: TestServer, { apiKey }: Account, { triggerPath }: TestAgent, key?: string) {
  const request = server.request.post(`/api/v1/public/agent/${triggerPath}`).set('X-API-Key', apiKey);
  if (key !== undefined) void request.set('Idempotency-Key', key);
  return request.send({ phone_number: '+14155550100', initial_context: { user: { name: 'Jane' } } });
}

async function callsThere(): Promise<UsagePage['runs']> {
  const list = await there.request
    .get('/api/v1/organizations/usage/runs')
    .set('X-API-Key', owner.apiKey)
    .expect(200);
  return (list.body as UsagePage).runs;
}

test('an agent of a plain server is imported, and five equal requests make one call there, with the variables', async () => {
  await addConfiguration(there, owner, { name: 'Sandbox' });
  await createAgent(there, owner);
  const { id } = await addCarrier(here, caller, settings(there, owner), { name: 'Dograh' });
  const imported = await here.request
    .post(`${configurationsPath}/${String(id)}/import-agents`)
    .set('X-API-Key', caller.apiKey)
    .send({})
    .expect(200);
  const [made] = (imported.body as ImportedAgents).created;
  const read = await here.request
    .get(`/api/v1/workflow/fetch/${String(made?.id)}`)
    .set('X-API-Key', caller.apiKey)
    .expect(200);
  const triggerPath = (read.body as Agent).trigger_urls?.production?.split('/').at(-1) ?? '';
  const agent = { id: 0, uuid: '', triggerPath };
  for (let time = 0; time < 5; time += 1) await trigger(here, caller, agent, 'key-1').expect(200);
  const calls = await callsThere();
  expect(calls).toHaveLength(1);
  expect(calls[0]?.initial_context).toMatchObject({ user: { name: 'Jane' } });
});

test('a server is not its own Dograh, under no name', async () => {
  for (const base_url of [here.baseUrl, here.baseUrl.replace('127.0.0.1', 'localhost')]) {
    const reply = await here.request
      .post(configurationsPath)
      .set('X-API-Key', caller.apiKey)
      .send({ name: 'Circle', config: { ...settings(here, caller), base_url } })
      .expect(400);
    expect(JSON.stringify(reply.body)).toContain('leads to this server itself');
  }
});

test('two servers that hand over to each other refuse the call at its second turn: nobody is called', async () => {
  const back = await createAgent(here, caller, definitionWith({ triggerPath: 'back' }), {
    answer: { mode: 'dograh', agent: 'onward' },
  });
  await createAgent(there, owner, definitionWith({ triggerPath: 'onward' }), {
    answer: { mode: 'dograh', agent: 'back' },
  });
  await addCarrier(here, caller, settings(there, owner), { name: 'There' });
  await addCarrier(there, owner, settings(here, caller), { name: 'Here' });
  const refused = await trigger(here, caller, back).expect(400);
  expect(JSON.stringify(refused.body)).toContain('handed over to this server by another one');
  expect(await callsThere()).toEqual([]);
});
