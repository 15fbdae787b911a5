import type { INodeParameters } from 'n8n-workflow';
import { DograhApi } from '../../n8n-node/credentials/DograhApi.credentials';
import { normalizeBaseUrl } from '@dograh-trigger/shared';
import { evaluateWithCredentials } from '../support/n8n-context';

const credential = new DograhApi();

test('n8n’s expression sends the key in X-API-Key, without surrounding blanks', () => {
  const headers = credential.authenticate.properties.headers as INodeParameters;
  expect(evaluateWithCredentials(headers, { baseUrl: '', apiKey: ' dgr_x\n' })).toEqual({
    'X-API-Key': 'dgr_x',
  });
});

test('the key is masked in the editor, and the base URL is that of hosted Dograh', () => {
  const properties = Object.fromEntries(credential.properties.map((property) => [property.name, property]));
  expect(properties.apiKey).toMatchObject({ typeOptions: { password: true }, default: '' });
  expect(properties.baseUrl).toMatchObject({ default: 'https://api.dograh.com' });
});

test.each([
  'https://voice.example',
  'https://voice.example/',
  'https://voice.example/api/v1',
  'https://voice.example/api/v1///',
  ' https://voice.example//api/v1/ ',
  'http://localhost:8000/',
  'https://voice.example/dograh/api/v1/',
])('the credential test uses the same server as the node for %s', (baseUrl) => {
  const { request } = credential.test;
  const evaluated = evaluateWithCredentials(request.baseURL, { baseUrl, apiKey: 'dgr_x' });
  expect(evaluated).toBe(normalizeBaseUrl(baseUrl));
  expect(request.url).toBe('/api/v1/user/auth/user');
});

describe('over http:// the test sends the key to the same hosts as the node', () => {
  const tested = (baseUrl: string, allowInsecure?: boolean) =>
    evaluateWithCredentials(credential.test.request.baseURL, { baseUrl, apiKey: 'dgr_x', allowInsecure });

  test.each(['http://localhost:8000', 'http://trigger:8000/api/v1', 'http://10.0.0.7', 'http://[fd12::1]/'])(
    'to %s',
    (baseUrl) => {
      expect(tested(baseUrl)).toBe(normalizeBaseUrl(baseUrl));
    },
  );

  test.each([
    'http://voice.example',
    'http://8.8.8.8:8000/',
    'http://134744072',
    'http://10.0.0.7@voice.example',
    'http://127.0.0.1:8000@voice.example',
    'ftp://localhost',
    'voice.example',
  ])('and not to %s, where no request is sent', (baseUrl) => {
    expect(tested(baseUrl)).toBe('https://the-base-url-must-begin-with-https.invalid');
  });

  test('unless the credential allows unencrypted HTTP', () => {
    expect(tested('http://voice.example/', true)).toBe('http://voice.example');
  });
});

test('a redirect is not followed, because n8n would send the key to its target', () => {
  expect(credential.test.request).toMatchObject({ disableFollowRedirect: true });
});

test.each([
  [301, 'redirects'],
  [302, 'redirects'],
  [303, 'redirects'],
  [307, 'redirects'],
  [308, 'redirects'],
  [401, 'does not know this API key'],
  [404, 'no Dograh API at this Base URL'],
])('the answer %i is explained', (status, words) => {
  const rules = (credential.test.rules ?? []).map(({ properties }) => properties);
  expect(rules.filter(({ value }) => value === status)).toMatchObject([
    { message: expect.stringContaining(words) },
  ]);
});
