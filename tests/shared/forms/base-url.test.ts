import { normalizeBaseUrl } from '@dograh-trigger/shared';
import { caughtFrom } from '../../support/caught';

describe('normalizeBaseUrl', () => {
  test.each([
    ['https://api.dograh.com', 'https://api.dograh.com'],
    ['https://api.dograh.com/', 'https://api.dograh.com'],
    ['https://api.dograh.com/api/v1', 'https://api.dograh.com'],
    ['https://api.dograh.com/api/v1///', 'https://api.dograh.com'],
    ['https://api.dograh.com///', 'https://api.dograh.com'],
    [' http://localhost:8000/api/v1/\n', 'http://localhost:8000'],
    ['HTTPS://API.Dograh.com:443', 'https://api.dograh.com'],
    ['https://example.test/voice', 'https://example.test/voice'],
    ['https://example.test/voice/api/v1/', 'https://example.test/voice'],
    ['http://[::1]:8000/', 'http://[::1]:8000'],
  ])('%j is %s', (text, baseUrl) => {
    expect(normalizeBaseUrl(text)).toBe(baseUrl);
  });

  test('is idempotent', () => {
    const once = normalizeBaseUrl('https://example.test/voice/api/v1/');
    expect(normalizeBaseUrl(once)).toBe(once);
  });

  test.each([
    ['nothing', '', 'begins with https://'],
    ['a host without a scheme', 'api.dograh.com', 'begins with https://'],
    ['a host and port without a scheme', 'localhost:8000', 'begins with https://'],
    ['another scheme', 'ftp://example.test', 'begins with https://'],
    ['a scheme without a host', 'https://', 'begins with https://'],
    ['an address with a password', 'https://user:secret@example.test', 'user name or password'],
    ['an address with a query', 'https://example.test/?key=secret', '"?"'],
    ['an address with a fragment', 'https://example.test/#secret', '"?" or "#"'],
    ['a whole trigger URL', 'https://example.test/api/v1/public/agent/secret', 'end at /api/v1'],
  ])('%s is refused as invalid input, and the error does not quote the text', (_, text, rule) => {
    const error = caughtFrom(() => normalizeBaseUrl(text));
    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain(rule);
    expect(error.message).not.toContain('secret');
  });

  test('100,000 slashes are cleaned, too', () => {
    expect(normalizeBaseUrl(`https://example.test${'/'.repeat(100_000)}x/api/v1`)).toBe(
      'https://example.test/x',
    );
  });
});
