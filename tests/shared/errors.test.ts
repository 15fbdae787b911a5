import { inspect } from 'node:util';
import {
  isTriggerError,
  plainError,
  redact,
  reworded,
  TriggerError,
  triggerErrorCodes,
} from '@dograh-trigger/shared';

describe('TriggerError', () => {
  test('has the given properties', () => {
    const error = new TriggerError({
      code: 'busy',
      message: 'All slots are taken.',
      status: 429,
      detail: 'Concurrent call limit reached',
      retryAfterSeconds: 7,
      runId: 12,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'TriggerError',
      code: 'busy',
      message: 'All slots are taken.',
      status: 429,
      detail: 'Concurrent call limit reached',
      retryAfterSeconds: 7,
      runId: 12,
    });
  });

  test('contains no key and no phone number, not even in its cause', () => {
    const library = Object.assign(new Error('POST with dgr_secret1 for +14155550100 failed'), {
      code: 'ECONNRESET',
      config: { headers: { 'X-API-Key': 'dgr_secret2' }, data: '{"phone_number":"+14155550100"}' },
    });
    const error = new TriggerError({
      code: 'outcome_unknown',
      message: 'dgr_secret3 called +1 (415) 555-0100',
      detail: 'Authorization: Bearer secret4; 14155550100 is busy',
      cause: library,
    });
    const everything =
      inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + (error.stack ?? '');
    expect(everything).not.toMatch(/secret|5550100|555-0100/);
    expect(error.cause).toMatchObject({ message: 'POST with dgr_… for +… failed', code: 'ECONNRESET' });
  });
});

describe('whether nothing was dialled', () => {
  test.each(triggerErrorCodes)(
    'follows from the code %s, except for two codes that leave it open',
    (code) => {
      const isOpen = code === 'telephony' || code === 'outcome_unknown';
      expect(new TriggerError({ code, message: '' }).nothingDialled).toBe(!isOpen);
      expect(new TriggerError({ code, message: '', nothingDialled: isOpen }).nothingDialled).toBe(isOpen);
    },
  );
});

test('reworded keeps all properties except the message', () => {
  const fields = {
    status: 400,
    problemCode: 'call_refused',
    detail: 'no',
    retryAfterSeconds: 7,
    runId: 12,
    nothingDialled: true,
  };
  const error = new TriggerError({ code: 'telephony', message: 'x', cause: new Error('why'), ...fields });
  const other = reworded(error, 'Call +14155550100 later.');
  expect(other).toMatchObject({ code: 'telephony', message: 'Call +… later.', ...fields });
  expect(other.cause?.message).toBe('why');
});

describe('isTriggerError', () => {
  test('is true for every code of the list', () => {
    for (const code of triggerErrorCodes)
      expect(isTriggerError(new TriggerError({ code, message: '' }))).toBe(true);
  });

  test('is true for the error of another copy of this package', () => {
    class OtherCopy extends Error {
      override readonly name = 'TriggerError';
      readonly code = 'busy';
    }
    expect(isTriggerError(new OtherCopy())).toBe(true);
  });

  test.each([
    ['another error', new Error('busy')],
    ['a network error', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
    ['an error of another name', Object.assign(new Error(), { code: 'busy' })],
    ['a code that is not on the list', Object.assign(new Error(), { name: 'TriggerError', code: 'other' })],
    ['text', 'TriggerError'],
    ['null', null],
    ['undefined', undefined],
  ])('is false for %s', (_, thrown) => {
    expect(isTriggerError(thrown)).toBe(false);
  });
});

describe('redact', () => {
  test.each([
    ['key dgr_AbC-123_x was refused', 'key dgr_… was refused'],
    ['called +14155550100 twice', 'called +… twice'],
    ['called +1 (415) 555-0100, busy', 'called +…, busy'],
    ['{"to":"14155550100"}', '{"to":"…"}'],
    ['Authorization: Bearer abc.def', 'Authorization: …'],
    ['"authorization":"Basic QWxhZGRpbjpvcGVuc2VzYW1l"', '"authorization":"…"'],
    ['X-API-Key: abc123', 'X-API-Key: …'],
    ['sent bearer eyJhbGciOi.x_y-z', 'sent Bearer …'],
    ['sent Basic QWxhZGRpbjpvcGVuc2VzYW1l', 'sent Basic …'],
  ])('%s becomes %s', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
    expect(redact(redacted)).toBe(redacted);
  });

  test.each([
    'phone_number: Field required',
    'Authorization header required',
    'Basic functionality is missing, the bearer is not',
    'Run 2147483647 of 3f2b8c1e-7a64-4d1b-9c55-012345678901 answered 504 after +30 s',
    'Failed to initiate call: 400: {"code": 21211, "status": 400}',
  ])('%s stays unchanged', (text) => {
    expect(redact(text)).toBe(text);
  });

  test.each([
    '+',
    '+1',
    '+1 ',
    '+1  (',
    '1',
    'dgr_',
    'Bearer ',
    'Basic ',
    'authorization',
    'authorization: ',
    'authorization:a ',
    ' ',
    '"',
    'x-api-key=',
  ])('a megabyte of %j is redacted to its end', (unit) => {
    const hostile = unit.repeat(Math.ceil(1_000_000 / unit.length));
    expect(redact(`${hostile} dgr_secret`)).not.toContain('secret');
  });
});

describe('plainError', () => {
  test('keeps the message and the code and nothing else', () => {
    const plain = plainError(
      Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED', config: { a: 1 } }),
    );
    expect(plain.message).toBe('connect failed');
    expect(Object.entries(plain)).toEqual([['code', 'ECONNREFUSED']]);
  });

  test('finds the code in a cause', () => {
    const error = new Error('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) });
    expect(plainError(error).code).toBe('ENOTFOUND');
  });

  test('an error that causes itself has no code', () => {
    const error = new Error('round');
    error.cause = error;
    expect(plainError(error).code).toBeUndefined();
  });

  test.each([
    ['text', 'aborted', 'aborted'],
    ['an error of another realm', { message: 'aborted' }, 'aborted'],
    ['an error without a message', Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['nothing', undefined, 'undefined'],
  ])('%s becomes a readable message', (_, thrown, message) => {
    expect(plainError(thrown).message).toBe(message);
  });
});
