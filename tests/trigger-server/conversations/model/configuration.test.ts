/** The language model of an organization: saved, masked, tried, and used for its conversations alone. */
import type { ModelConfigurationReply } from '@dograh-trigger/shared';
import { saveConfiguration } from '../../../../trigger-server/src/conversations/model/configuration-store';
import { modelFault, modelFor } from '../../../../trigger-server/src/conversations/model/model-for';
import { replyJson, startLocalServer } from '../../../support/local-server';
import { question } from '../../../support/model/asked';
import { startModelServer, type ModelServer } from '../../../support/model/server';
import { refused, spoken, type Play } from '../../../support/model/streams';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

const path = '/api/v1/organizations/model-configurations/v2';
const key = 'sk-first-secret-1234';
const mask = `${'*'.repeat(key.length - 4)}1234`;

let server: TestServer;
let endpoint: ModelServer;
let account: Account;

beforeEach(async () => {
  endpoint = await startModelServer(spoken('Hello.'));
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
});
afterEach(async () => {
  await server.close();
  await endpoint.close();
});

function llm(changes: object = {}) {
  return { provider: 'openai', api_key: key, model: 'm-1', base_url: endpoint.baseUrl, ...changes };
}

function put(settings: object, by: Account = account) {
  const body = {
    version: 2,
    mode: 'byok',
    byok: { mode: 'pipeline', pipeline: { llm: settings, tts: { provider: 'x' } } },
  };
  return server.request.put(path).set('X-API-Key', by.apiKey).send(body);
}

async function get(by: Account = account): Promise<ModelConfigurationReply> {
  const { body } = await server.request.get(path).set('X-API-Key', by.apiKey).expect(200);
  return body as ModelConfigurationReply;
}

async function ask(by: Account = account, settings = {}): Promise<string | null> {
  const chosen = await modelFor(server.services, by.organizationId, settings);
  if (chosen === null) return null;
  return (await chosen.model.reply(question())).text;
}

function keySent(): string | undefined {
  return endpoint.requests.at(-1)?.headers.authorization;
}

test('what is saved is shown with a mask, and asked with the key', async () => {
  const { body } = await put(llm()).expect(200);
  expect(body).toEqual(await get());
  expect(body).toMatchObject({
    source: 'organization_v2',
    configuration: { byok: { pipeline: { llm: { api_key: mask, base_url: endpoint.baseUrl }, tts: null } } },
    effective_configuration: { llm: { provider: 'openai', model: 'm-1', api_key: mask }, is_realtime: false },
  });
  expect(await ask()).toBe('Hello.');
  expect(keySent()).toBe(`Bearer ${key}`);
  expect(endpoint.asked.at(-1)).toMatchObject({ model: 'm-1', max_completion_tokens: 400 });
});

test('a key is nowhere in the clear: not in the database, a log line, a reply or the audit trail', async () => {
  await put(llm()).expect(200);
  await ask();
  const audit = await server.request.get('/api/v1/organizations/audit').set('X-API-Key', account.apiKey);
  expect((audit.body as { entries: unknown[] }).entries[0]).toMatchObject({
    action: 'model_configuration.changed',
    changed: ['provider', 'api_key', 'model', 'base_url'],
  });
  const shown = [await server.storedText(), ...server.logLines, audit.text, JSON.stringify(await get())];
  expect(shown.filter((text) => text.includes('first-secret'))).toEqual([]);
  // Neither is a prompt, nor a word of the conversation.
  expect(server.logLines.filter((line) => /Mia|speaking|Hello/.test(line))).toEqual([]);
});

test('another organization has none of it', async () => {
  await put(llm()).expect(200);
  const stranger = await server.signUp();
  expect(await get(stranger)).toMatchObject({ configuration: null, source: 'empty' });
  expect(await ask(stranger)).toBeNull();
});

test('a mask stands for the stored key, while the address stays', async () => {
  await put(llm()).expect(200);
  await put(llm({ api_key: mask, model: 'm-2' })).expect(200);
  await ask();
  expect(keySent()).toBe(`Bearer ${key}`);
  expect(endpoint.asked.at(-1)?.model).toBe('m-2');
});

test('of several keys, each mask stands for its own', async () => {
  const other = 'sk-other-secret-5678';
  await put(llm({ api_key: [key, other] })).expect(200);
  await put(llm({ api_key: [`${'*'.repeat(16)}5678`] })).expect(200);
  await ask();
  expect(keySent()).toBe(`Bearer ${other}`);
});

test('all keys are tried at once, and one that is refused is found among them', async () => {
  let letGo: () => void = () => undefined;
  const allAsked = new Promise<void>((resolve) => (letGo = resolve));
  const slow = await startLocalServer((request, response) => {
    if (slow.requests.length === 3) letGo();
    const status = request.headers.authorization === 'Bearer sk-bad' ? 401 : 200;
    void allAsked.then(() => {
      replyJson(response, status, { data: [] });
    });
  });
  const base_url = `${slow.url}/v1`;
  const { body } = await put(llm({ base_url, api_key: [key, 'sk-bad', 'sk-third'] })).expect(422);
  expect(JSON.stringify(body)).toContain('refused this API key');
  await slow.close();
});

test('a server that wants no key is asked without one, and an absent key keeps the stored one', async () => {
  const open = { provider: 'speaches', model: 'm-1', base_url: endpoint.baseUrl };
  await put(open).expect(200);
  await ask();
  expect(keySent()).toBeUndefined();
  expect(endpoint.asked.at(-1)).toMatchObject({ max_tokens: 400 });
  await put({ ...open, api_key: key }).expect(200);
  await put(open).expect(200);
  await ask();
  expect(keySent()).toBe(`Bearer ${key}`);
});

const elsewhere = 'https://llm.invalid/v1';

test.each<[string, object, RegExp]>([
  ['a mask at another address', { api_key: mask, base_url: elsewhere }, /type the key itself/],
  ['a mask of another provider', { provider: 'groq', api_key: mask }, /appears to be masked/],
  ['another mask', { api_key: '*********9999' }, /appears to be masked/],
])('%s does not send the stored key there', async (_title, changes, words) => {
  await put(llm()).expect(200);
  const asked = endpoint.requests.length;
  const { body } = await put(llm(changes)).expect(422);
  expect((body as { detail: unknown[] }).detail).toEqual([
    expect.objectContaining({ model: 'llm', message: expect.stringMatching(words) as string }),
  ]);
  expect(endpoint.requests).toHaveLength(asked);
});

test.each<[string, Play, number, object]>([
  ['a key that the endpoint refuses is not saved', refused(401, {}), 422, { source: 'empty' }],
  [
    'an endpoint that fails is saved, and the reply says so',
    refused(500, {}),
    200,
    { source: 'organization_v2' },
  ],
])('%s', async (_title, play, status, saved) => {
  await endpoint.close();
  endpoint = await startModelServer(play);
  const { body } = await put(llm()).expect(status);
  expect(JSON.stringify(body)).toContain(status === 422 ? 'refused this API key' : 'unverified');
  expect(await get()).toMatchObject(saved);
});

test.each<[string, object]>([
  ['no key where one is required', { api_key: undefined }],
  ['an unknown provider', { provider: 'google' }],
  ['an address that is none', { base_url: 'localhost' }],
  ['a key with a line break', { api_key: 'a\nb' }],
])('%s is refused', async (_title, changes) => {
  await put(llm(changes)).expect(422);
});

test.each<[string, object]>([
  ['Dograh’s own models', { mode: 'dograh', dograh: {} }],
  ['a realtime model', { mode: 'byok', byok: { mode: 'realtime', realtime: {} } }],
])('%s are not here, and it says so', async (_title, body) => {
  const reply = await server.request
    .put(path)
    .set('X-API-Key', account.apiKey)
    .send({ version: 2, ...body })
    .expect(422);
  expect(reply.text).toMatch(/no models of its own|hears and speaks/);
});

test('an address in the operator’s network is refused', async () => {
  await server.close();
  server = await startTestServer();
  account = await server.signUp();
  expect((await put(llm()).expect(422)).text).toContain('ALLOWED_PRIVATE_TARGETS');
});

test('the defaults are a form for each provider', async () => {
  const { body } = await server.request.get(`${path}/defaults`).set('X-API-Key', account.apiKey).expect(200);
  const { llm: forms } = (body as { byok: { pipeline: { llm: Record<string, object> } } }).byok.pipeline;
  expect(Object.keys(forms)).toEqual(['openai', 'azure', 'groq', 'openrouter', 'huggingface', 'speaches']);
  expect(forms.groq).toMatchObject({ properties: { model: { default: 'llama-3.3-70b-versatile' } } });
});

test('an agent may choose another model at the same endpoint', async () => {
  await put(llm()).expect(200);
  await ask(account, { model_overrides: { llm: { model: 'm-9' } } });
  expect(endpoint.asked.at(-1)?.model).toBe('m-9');
});

test.each([
  [
    'another endpoint',
    { provider: 'groq', api_key: 'gsk-in-the-clear' },
    'whose key this server does not have',
  ],
  ['a provider that is not known here', { provider: 'google' }, 'that this server cannot use'],
])(
  'an agent that chooses %s has no model, and is told why: never another one, nor the built-in script',
  async (_title, choice, why) => {
    await put(llm()).expect(200);
    const settings = { model_overrides: { llm: choice } };
    await expect(ask(account, settings)).rejects.toThrow(why);
    expect(
      await modelFault(server.services, server.storage.read, account.organizationId, settings),
    ).toContain(why);
    expect(endpoint.asked).toEqual([]);
  },
);

test('a configuration is removed, even one that cannot be read, and the trail says so once', async () => {
  await put(llm()).expect(200);
  server.changeSecretsKey('ab'.repeat(32));
  await server.request.get(path).set('X-API-Key', account.apiKey).expect(503);
  for (let time = 0; time < 2; time += 1) {
    const reply = await server.request.delete(path).set('X-API-Key', account.apiKey).expect(200);
    expect(reply.body).toMatchObject({ configuration: null, source: 'empty' });
  }
  expect(await ask()).toBeNull();
  const trail = await server.request
    .get('/api/v1/organizations/audit?limit=2')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(trail.body).toMatchObject({
    entries: [{ action: 'model_configuration.removed' }, { action: 'model_configuration.changed' }],
  });
});

test('the operator’s key is used with the operator’s model alone, whatever an agent chooses', async () => {
  await server.close();
  server = await startTestServer({
    LLM_BASE_URL: endpoint.baseUrl,
    LLM_API_KEY: 'sk-operator',
    LLM_MODEL: 'm-cheap',
  });
  account = await server.signUp();
  const { api_key: _key, ...own } = llm({ provider: 'speaches', model: 'm-dear' });
  const choices = [
    { model_overrides: { llm: { model: 'm-dear' } } },
    { model_overrides: { llm: own } },
    { model_configuration_v2_override: { version: 2, mode: 'byok', byok: { pipeline: { llm: own } } } },
  ];
  for (const choice of choices) expect(await ask(account, choice)).toBe('Hello.');
  expect(endpoint.asked.map(({ model }) => model)).toEqual(['m-cheap', 'm-cheap', 'm-cheap']);
  expect(keySent()).toBe('Bearer sk-operator');
});

test('a configuration that another SECRETS_KEY sealed is repaired by saving it again', async () => {
  await put(llm()).expect(200);
  await server.services.storage.write((session) =>
    saveConfiguration(session, {
      organization_id: account.organizationId,
      configuration: 'sealed by another key',
      updated_at: server.services.clock.now().toISOString(),
    }),
  );
  await server.request.get(path).set('X-API-Key', account.apiKey).expect(503);
  await put(llm()).expect(200);
  expect(await ask()).toBe('Hello.');
});

test('an agent that brings a whole configuration is asked with the organization’s key, never with its own', async () => {
  await put(llm()).expect(200);
  const own = llm({ api_key: 'sk-in-the-clear', model: 'm-7' });
  const settings = {
    model_configuration_v2_override: { version: 2, mode: 'byok', byok: { pipeline: { llm: own } } },
  };
  expect(await ask(account, settings)).toBe('Hello.');
  expect([keySent(), endpoint.asked.at(-1)?.model]).toEqual([`Bearer ${key}`, 'm-7']);
});
