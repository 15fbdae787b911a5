import { readConfig } from '../../trigger-server/src/config';

test('nothing set is a server for one machine', () => {
  expect(readConfig({})).toMatchObject({
    port: 8000,
    host: '127.0.0.1',
    database: { kind: 'sqlite', file: './data/trigger.db', shown: './data/trigger.db' },
    filesBeside: './data/trigger.db',
    publicBaseUrl: null,
    signup: 'local',
    defaultConcurrencyLimit: 10,
    allowedPrivateTargets: [],
    ttsCommand: ['espeak-ng', '--stdout', '--stdin', '-v', '{voice}'],
    sttCommand: [],
  });
});

test('an empty variable counts as not set, but empty EXTENSIONS mean none', () => {
  const config = readConfig({ PORT: '', EXTENSIONS: '' });
  expect(config.port).toBe(8000);
  expect([...config.extensions]).toEqual([]);
});

test('a server that others can reach allows no sign-up by default', () => {
  expect(readConfig({ HOST: '0.0.0.0' }).signup).toBe('closed');
  expect(readConfig({ PUBLIC_BASE_URL: 'https://calls.example.com' }).signup).toBe('closed');
  expect(readConfig({ HOST: '0.0.0.0', SIGNUP_ENABLED: 'true' }).signup).toBe('open');
  expect(readConfig({ SIGNUP_ENABLED: 'false' }).signup).toBe('closed');
});

test('the public address has no slash at its end', () => {
  expect(readConfig({ PUBLIC_BASE_URL: 'https://calls.example.com/' }).publicBaseUrl).toBe(
    'https://calls.example.com',
  );
});

test('any carrier’s scheme, host and port can be replaced', () => {
  const { carrierBaseUrls } = readConfig({ ACME_API_BASE_URL: 'https://api.eu.acme.example:8443/' });
  expect([...carrierBaseUrls]).toEqual([['acme', 'https://api.eu.acme.example:8443']]);
});

test.each(['https://api.acme.example/v2', 'ftp://api.acme.example', 'api.acme.example'])(
  'a carrier’s address with more or less than that stops the start: %s',
  (url) => {
    expect(() => readConfig({ ACME_API_BASE_URL: url })).toThrow(
      'ACME_API_BASE_URL: must be scheme, host and port alone',
    );
  },
);

test('a wrong value stops the start with its name and what it must be', () => {
  expect(() => readConfig({ PORT: '80000', SECRETS_KEY: 'short' })).toThrow(
    /PORT: .*\n {2}SECRETS_KEY: must be 64 hexadecimal digits/,
  );
});

test('lists are separated by commas', () => {
  expect(readConfig({ ALLOWED_PRIVATE_TARGETS: '10.0.0.0/8, 192.168.1.7' }).allowedPrivateTargets).toEqual([
    '10.0.0.0/8',
    '192.168.1.7',
  ]);
});

test('a language model needs an address or a key, and a name', () => {
  expect(readConfig({}).model).toBeNull();
  expect(readConfig({ LLM_BASE_URL: 'http://localhost:11434/v1/', LLM_MODEL: 'llama3.1' }).model).toEqual({
    baseUrl: 'http://localhost:11434/v1',
    apiKey: null,
    name: 'llama3.1',
  });
  expect(readConfig({ LLM_API_KEY: 'sk-1', LLM_MODEL: 'gpt-4.1' }).model?.baseUrl).toBe(
    'https://api.openai.com/v1',
  );
  expect(() => readConfig({ LLM_MODEL: 'gpt-4.1' })).toThrow('LLM_MODEL: needs LLM_BASE_URL');
  expect(() => readConfig({ LLM_API_KEY: 'sk-1' })).toThrow('LLM_MODEL: must name the model');
});

test('a conversation is limited, also by what its tokens cost', () => {
  const { talkLimits } = readConfig({});
  expect(talkLimits).toEqual({ turns: 60, tokens: 200_000, replyTokens: 400, saidCharacters: 600 });
  const priced = { LLM_PRICE_PER_MILLION: '8', TALK_MAX_COST: '0.5' };
  expect(readConfig(priced).talkLimits.tokens).toBe(62_500);
});
