/** Over http:// the API key is sent unencrypted, so by default only to this machine and private networks. */
import { TriggerClient } from '@dograh-trigger/shared';
import { caughtFrom } from '../../support/caught';

function client(baseUrl: string, allowInsecure?: boolean): TriggerClient {
  const transport = () => Promise.reject(new Error('nothing is sent here'));
  return new TriggerClient(transport, { baseUrl, allowInsecure, sleep: () => Promise.resolve() });
}

test.each([
  'https://api.dograh.com',
  'HTTPS://8.8.8.8',
  'http://localhost:8000',
  'http://trigger:8000/api/v1',
  'http://trigger_server',
  'http://voice.localhost',
  'http://nas.local/dograh',
  'http://a.b.internal:80',
  'http://127.0.0.1:8000',
  'http://127.255.0.1',
  'http://0x7f.1',
  'http://0.0.0.0:8000',
  'http://10.1.2.3',
  'http://172.16.0.1',
  'http://172.31.255.255',
  'http://192.168.178.20:8000',
  'http://169.254.1.1',
  'http://100.64.0.1',
  'http://100.127.255.255',
  'http://[::1]:8000',
  'http://[fd12:3456::1]',
  'http://[fe80::1]',
])('the key is sent to %s', (baseUrl) => {
  expect(client(baseUrl).baseUrl).toMatch(/^https?:/);
});

test.each([
  'http://api.dograh.com',
  'http://8.8.8.8',
  'http://134744072',
  'http://010.0.0.1',
  'http://11.0.0.1',
  'http://172.15.0.1',
  'http://172.32.0.1',
  'http://192.169.0.1',
  'http://100.63.0.1',
  'http://100.128.0.1',
  'http://127.0.0.1.example.com',
  'http://10.0.0.1.nip.io',
  'http://localhost.example.com',
  'http://internal.example.com',
  'http://evil-local.com',
  'http://[2001:db8::1]',
  'http://[fec0::1]',
  'http://[::ffff:8.8.8.8]',
])('the key is not sent to %s, unless that is allowed explicitly', (baseUrl) => {
  const error = caughtFrom(() => client(baseUrl));
  expect(error.code).toBe('invalid_input');
  expect(error.message).toContain('must begin with https://, so that the API key travels encrypted');
  expect(client(baseUrl, true).baseUrl).toMatch(/^http:/);
});

test('a host of 100,000 labels is checked, too', () => {
  expect(caughtFrom(() => client(`http://${'a.'.repeat(100_000)}example`)).code).toBe('invalid_input');
});
