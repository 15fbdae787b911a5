/** Plivo's signatures, with its SDK as the oracle: we accept and refuse the same requests. */
import { createHmac } from 'node:crypto';
import { validateV3Signature } from 'plivo';
import { plivo } from '../../../../trigger-server/src/carriers/providers/plivo';
import { configuration } from '../../../../trigger-server/src/carriers/providers/plivo/configuration';
import { received } from '../../../support/vendors/host';
import { plivoCredentials } from '../../../support/vendors/plivo';

const settings = configuration.parse(plivoCredentials);
const callbacks = plivo.callbacks!;

describe('plivo: signatures', () => {
  const token = 'plivo-auth-token';
  const nonce = '12345';
  const base = 'https://example.test/api/v1/telephony/';
  const query = '?workflow_id=7&workflow_run_id=123&organization_id=11';
  /** Plivo's signatures of these requests, computed beforehand. */
  const vectors: [string, string, Record<string, string>, string][] = [
    [
      'form without a query',
      `${base}plivo/hangup-callback/123`,
      { To: '15551234567', From: '15551230002', CallUUID: 'u-1', CallStatus: 'busy' },
      'bhtcuHIGzhHq1aTeWufrNSkgNHE85pmgsbyWXdUws1M=',
    ],
    [
      'form and query',
      `${base}plivo-xml${query}`,
      { Direction: 'outbound', CallUUID: 'u-1' },
      '1zZuh/6SzWHOJL2DcuwlcmmGml7+JW3YfX/fOs7PBZw=',
    ],
    ['query without a form', `${base}plivo-xml${query}`, {}, 'uV8eCFAxaaAcxRKgSZw/+7NtKZ+D9SVWzVlOLThVFCQ='],
  ];

  interface Signed {
    method: 'GET' | 'POST';
    url: string;
    fields: Record<string, string>;
    headers: Record<string, string>;
  }
  const signed = (url: string, fields: Record<string, string>, signature: string): Signed => ({
    method: 'POST',
    url,
    fields,
    headers: { 'x-plivo-signature-v3': signature, 'x-plivo-signature-v3-nonce': nonce },
  });

  const ours = ({ method, url, fields, headers }: Signed): boolean =>
    callbacks.verify(
      { ...settings, auth_token: token },
      received({ method, url, headers, body: new URLSearchParams(fields).toString() }),
    );
  const theirs = ({ method, url, fields, headers }: Signed): boolean =>
    validateV3Signature(
      method,
      url,
      headers['x-plivo-signature-v3-nonce'] ?? '',
      token,
      headers['x-plivo-signature-v3'] ?? '',
      { ...fields },
    ) as boolean;

  test.each(vectors)('the golden vector of a %s is accepted by Plivo’s SDK and by us', (...vector) => {
    const [, url, fields, signature] = vector;
    const request = signed(url, fields, signature);
    expect([ours(request), theirs(request)]).toEqual([true, true]);
  });

  const [, url, fields, signature] = vectors[0]!;
  const genuine = signed(url, fields, signature);
  const alterations: [string, Signed, boolean][] = [
    ['a changed field', { ...genuine, fields: { ...fields, CallStatus: 'completed' } }, false],
    ['a field more', { ...genuine, fields: { ...fields, Duration: '1' } }, false],
    ['no form', { ...genuine, fields: {} }, false],
    ['another path', { ...genuine, url: url.replace('123', '124') }, false],
    ['another host', { ...genuine, url: url.replace('example.test', 'example.org') }, false],
    ['a query', { ...genuine, url: `${url}?a=1` }, false],
    [
      'another nonce',
      { ...genuine, headers: { ...genuine.headers, 'x-plivo-signature-v3-nonce': '12346' } },
      false,
    ],
    ['no nonce', { ...genuine, headers: { 'x-plivo-signature-v3': signature } }, false],
    ['no signature', { ...genuine, headers: { 'x-plivo-signature-v3-nonce': nonce } }, false],
    ['an empty signature', signed(url, fields, ''), false],
    ['a cut signature', signed(url, fields, signature.slice(0, -4)), false],
    ['several candidates', signed(url, fields, `AAAA,${signature}`), true],
    ['several wrong candidates', signed(url, fields, 'AAAA,BBBB'), false],
  ];
  test.each(alterations)('with %s, Plivo’s SDK and we decide the same', (_what, request, accepted) => {
    expect([ours(request), theirs(request)]).toEqual([accepted, accepted]);
  });

  const sign = (text: string) => createHmac('sha256', token).update(`${text}.${nonce}`).digest('base64');

  test('encoded and non-ASCII values are signed decoded and sorted, as in Plivo’s SDK', () => {
    const odd = `${base}x?b=2&a=%C3%A9+%26`;
    const form = { To: 'Zoë & Ann', From: '+1 (2)', Zulu: '', alpha: 'a=b' };
    const text = `${base}x?a=é &&b=2.From+1 (2)ToZoë & AnnZulualphaa=b`;
    const request = signed(odd, form, sign(text));
    expect([ours(request), theirs(request)]).toEqual([true, true]);
  });

  test('the values of a repeated name are signed in their own order', () => {
    const callback = { method: 'POST' as const, url: `${base}x?b=2&b=1`, body: 'A=y&B=1&A=x' };
    const headers = signed('', {}, sign(`${base}x?b=1&b=2.AxAyB1`)).headers;
    const request = received({ ...callback, headers });
    expect(callbacks.verify({ ...settings, auth_token: token }, request)).toBe(true);
  });

  test('a GET is signed over its URL alone', () => {
    const request: Signed = { ...signed(`${base}plivo-xml${query}`, {}, vectors[2]![3]), method: 'GET' };
    expect([ours(request), theirs(request)]).toEqual([true, true]);
  });

  test('the signature of the main account is accepted if its token is the configured one', () => {
    const headers = { 'x-plivo-signature-ma-v3': signature, 'x-plivo-signature-v3-nonce': nonce };
    expect(ours({ ...genuine, headers })).toBe(true);
    expect(ours({ ...genuine, headers: { ...headers, 'x-plivo-signature-v3': 'AAAA' } })).toBe(true);
    expect(ours({ ...genuine, headers: { ...headers, 'x-plivo-signature-ma-v3': 'AAAA' } })).toBe(false);
  });
});
