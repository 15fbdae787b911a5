import * as z from 'zod';
import type { HttpResponse, TriggerErrorCode } from '@dograh-trigger/shared';
import {
  hasUntrustedCertificate,
  networkError,
  readReply,
  type Sent,
} from '../../../shared/src/client/responses';
import { caughtFrom } from '../../support/caught';
import { broken, json, text } from '../../support/scripted-client';

const schema = z.looseObject({ id: z.int() });
const url = 'https://api.example.test/api/v1/public/agent/support';
const trigger: Sent = { method: 'POST', url, dials: true };
const read: Sent = { method: 'GET', url, dials: false };

const errorOf = (reply: HttpResponse, sent: Sent) => caughtFrom(() => readReply(reply, schema, sent));
const missingInBody = [{ type: 'missing', loc: ['body', 'X-API-Key'], msg: 'Field required' }];
const missingKey = [{ type: 'missing', loc: ['header', 'X-API-Key'], msg: 'Field required', input: null }];

describe('a reply that matches the contract', () => {
  test.each([
    ['plain', '{"id":5,"more":true}'],
    ['with a byte-order mark', '\ufeff{"id":5,"more":true}'],
  ])('is returned with its unknown keys: %s', (_, body) => {
    expect(readReply(text(200, body), schema, read)).toEqual({ id: 5, more: true });
  });
});

describe('status to code', () => {
  test.each<[number, unknown, TriggerErrorCode, TriggerErrorCode]>([
    [400, { detail: 'Failed to initiate call: 400: {"code": 21211}' }, 'telephony', 'invalid_input'],
    [401, { detail: 'Invalid API key' }, 'invalid_key', 'invalid_key'],
    [402, { detail: 'Trial exhausted' }, 'out_of_credits', 'out_of_credits'],
    [403, { detail: 'Access denied' }, 'forbidden', 'forbidden'],
    [404, { detail: 'Agent trigger not found' }, 'not_found', 'not_found'],
    [405, { detail: 'Method Not Allowed' }, 'unexpected_response', 'unexpected_response'],
    [408, { detail: 'Request Timeout' }, 'outcome_unknown', 'server'],
    [409, { detail: 'Workflow has no execution owner' }, 'conflict', 'conflict'],
    [409, { detail: 'Wait.', code: 'call_in_progress' }, 'outcome_unknown', 'conflict'],
    [409, { detail: 'A call with this idempotency key is still being placed' }, 'conflict', 'conflict'],
    [413, { detail: 'Request body is too large' }, 'invalid_input', 'invalid_input'],
    [422, { detail: 'Invalid workflow status filter' }, 'invalid_input', 'invalid_input'],
    [422, { detail: missingKey }, 'invalid_key', 'invalid_key'],
    [422, { detail: missingInBody }, 'invalid_input', 'invalid_input'],
    [422, { detail: missingKey, code: 'invalid_request' }, 'invalid_input', 'invalid_input'],
    [422, { detail: 'Another request', code: 'idempotency_key_reused' }, 'conflict', 'invalid_input'],
    [422, { detail: 'x', code: 'a_code_of_a_later_version' }, 'invalid_input', 'invalid_input'],
    [429, { detail: 'Concurrent call limit reached' }, 'busy', 'busy'],
    [500, { detail: 'Internal Server Error' }, 'outcome_unknown', 'server'],
    [501, { detail: 'Calls through X cannot be answered with stream' }, 'telephony', 'server'],
    [503, { detail: 'Shutting down' }, 'outcome_unknown', 'server'],
    [503, { detail: 'The server is stopping; no call was placed.' }, 'outcome_unknown', 'server'],
    [503, { detail: 'Stopping.', code: 'draining' }, 'busy', 'server'],
    [503, { detail: 'Full.', code: 'database_unavailable' }, 'busy', 'server'],
    [503, { detail: 'Sealed.', code: 'credentials_unreadable' }, 'telephony', 'server'],
    [503, { detail: 'x', code: 'unavailable' }, 'outcome_unknown', 'server'],
    [504, { detail: 'The carrier did not answer in time' }, 'outcome_unknown', 'server'],
    [504, { detail: 'x', code: 'outcome_unknown' }, 'outcome_unknown', 'server'],
  ])('%i %j is %s after a trigger and %s after a read', (status, body, afterTrigger, afterRead) => {
    for (const [sent, code] of [[trigger, afterTrigger] as const, [read, afterRead] as const]) {
      const error = errorOf(json(status, body), sent);
      expect(error).toMatchObject({ code, status });
      expect(error.exchange).toBe(`${sent.method} ${url} answered ${String(status)}.`);
    }
  });

  test.each<[string, unknown, TriggerErrorCode]>([
    ['the bundled server’s', { detail: 'Failed to initiate call: x', code: 'carrier_unreachable' }, 'busy'],
    ['the bundled server’s', { detail: 'Failed to initiate call: x', code: 'carrier_busy' }, 'busy'],
    ['the bundled server’s', { detail: 'Failed to initiate call: x', code: 'call_refused' }, 'telephony'],
    ['Dograh’s', { detail: 'Failed to initiate call: x' }, 'telephony'],
  ])('%s 400 with %j may be retried with Retry-After, and is final without', (_, body, final) => {
    const again = errorOf(json(400, body, { 'retry-after': '20' }), trigger);
    expect(again).toMatchObject({ code: 'busy', status: 400, retryAfterSeconds: 20, nothingDialled: true });
    expect(again.message).toContain('This call was not placed: try again in 20 seconds.');
    expect(errorOf(json(400, body), trigger).code).toBe(final);
    expect(errorOf(json(400, body, { 'retry-after': '20' }), read).code).toBe('invalid_input');
  });

  test('a key that may not do this is not blamed on another organization', () => {
    const detail =
      'This API key has the scope read, and this request needs trigger or admin: nothing was done.';
    for (const code of ['scope_missing', 'agent_not_allowed']) {
      const { message } = errorOf(json(403, { detail, code }), trigger);
      expect(message).toBe(
        `${detail} Whoever manages the API keys of your organization can make one that may do this.`,
      );
    }
  });

  test('a valid problem code of the bundled server is part of the error; any other text is not', () => {
    expect(errorOf(json(429, { detail: 'x', code: 'daily_limit' }), trigger).problemCode).toBe('daily_limit');
    expect(
      errorOf(json(429, { detail: 'x', code: 'call +14155550100' }), trigger).problemCode,
    ).toBeUndefined();
    expect(errorOf(json(429, { detail: 'x' }), trigger).problemCode).toBeUndefined();
  });

  test('only the error for an unknown outcome says that a call may have been placed', () => {
    for (const status of [400, 401, 402, 403, 404, 405, 409, 413, 422, 429, 500, 501, 502, 503, 504]) {
      const error = errorOf(json(status, { detail: 'x' }), trigger);
      expect(error.message.includes('may have been placed')).toBe(error.code === 'outcome_unknown');
    }
  });
});

describe('whether nothing was dialled', () => {
  test.each<[number, unknown, boolean]>([
    [400, { detail: 'Telephony provider not configured for this organization' }, true],
    [400, { detail: 'Failed to initiate call: timed out' }, false],
    [400, { detail: 'Something that Dograh says in a later version' }, false],
    [400, { detail: 'Failed to initiate call: no', code: 'call_refused' }, true],
    [400, { detail: 'Say something', code: 'nothing_to_say' }, true],
    [400, { detail: 'x', code: 'a_code_of_a_later_version' }, true],
    [401, { detail: 'Invalid API key' }, true],
    [402, { detail: 'Trial exhausted' }, true],
    [404, { detail: 'Workflow not found' }, true],
    [409, { detail: 'Workflow has no execution owner' }, true],
    [409, { detail: 'x', code: 'call_in_progress' }, false],
    [422, { detail: 'x', code: 'idempotency_key_reused' }, true],
    [429, { detail: 'Concurrent call limit reached' }, true],
    [500, { detail: 'x' }, false],
    [501, { detail: 'Calls through X cannot be answered with stream' }, true],
    [503, { detail: 'Stopping.', code: 'draining' }, true],
    [503, { detail: 'Stopping.' }, false],
    [504, { detail: 'x', code: 'outcome_unknown' }, false],
  ])('a %i with %j proves: %s', (status, body, proves) => {
    expect(errorOf(json(status, body), trigger).nothingDialled).toBe(proves);
  });

  test('a 400 with a page of another server proves nothing', () => {
    expect(errorOf(text(400, '<html>'), trigger)).toMatchObject({ code: 'telephony', nothingDialled: false });
  });
});

describe('detail', () => {
  test.each([
    ['text', { detail: 'Agent trigger not found' }, 'Agent trigger not found'],
    [
      'a list of invalid places',
      {
        detail: [
          { type: 'missing', loc: ['body', 'phone_number'], msg: 'Field required', input: { secret: 1 } },
          { type: 'x', loc: ['body', 'initial_context', 'user', 'age'], msg: 'Too young' },
          { type: 'int_parsing', loc: ['query', 'page', 0], msg: 'Input should be a valid integer' },
          { type: 'json_invalid', loc: ['body'], msg: 'JSON decode error' },
        ],
      },
      'Phone Number: Field required; Variables: user.age: Too young; page.0: Input should be a valid integer; JSON decode error',
    ],
    [
      'a report on a definition',
      {
        detail: {
          is_valid: false,
          errors: [
            { kind: 'node', id: '1', field: 'data.prompt', message: 'Prompt is required' },
            { kind: 'workflow', id: null, field: null, message: 'No start node' },
          ],
        },
      },
      'Prompt is required; No start node',
    ],
  ])('%s is flattened to one line, and begins the message', (_, body, detail) => {
    const error = errorOf(json(422, body), trigger);
    expect(error.detail).toBe(detail);
    expect(error.message.startsWith(`${detail}. `)).toBe(true);
    expect(error.exchange).toBe(`POST ${url} answered 422.`);
  });

  test('plain text is used unchanged', () => {
    expect(errorOf(text(500, 'Internal Server Error'), read).detail).toBe('Internal Server Error');
  });

  test.each([
    ['a web page', text(502, '<html>Bad Gateway</html>')],
    ['an empty body', text(502, '')],
    ['JSON of another shape', json(502, { error: 'x' })],
    ['JSON that is no object', json(502, null)],
  ])('%s has none', (_, reply) => {
    expect(errorOf(reply, read).detail).toBeUndefined();
  });

  test('a long one is cut, without leaving part of a phone number at the cut', () => {
    const { detail } = errorOf(
      json(400, { detail: `${'x'.repeat(992)} +14155550100 ${'y'.repeat(500)}` }),
      trigger,
    );
    expect(detail).toBe(`${'x'.repeat(992)} +… ${'y'.repeat(4)}…`);
  });
});

describe('the advice in the message', () => {
  test('says only once that a call may have been placed', () => {
    const answer = { detail: 'No answer; the call may have been placed', code: 'outcome_unknown' };
    const { message } = errorOf(json(504, answer), trigger);
    expect(message.match(/may have been placed/g)).toHaveLength(1);
    expect(message).toContain('Look at the agent’s calls');
  });

  test('of a replayed answer says that the call was not tried again', () => {
    const headers = { 'idempotency-replayed': 'true' };
    const { message } = errorOf(json(400, { detail: 'Failed to initiate call: busy' }, headers), trigger);
    expect(message).toContain('it was not tried again');
    const first = errorOf(json(400, { detail: 'Failed to initiate call: busy' }), trigger);
    expect(first.message).not.toContain('it was not tried again');
  });

  test('for a reused key names the earlier run and says how to call again', () => {
    const reused = { detail: 'Idempotency key was already used', code: 'idempotency_key_reused' };
    const location = '/api/v1/workflow/7/runs/123';
    const error = errorOf(json(422, reused, { location }), trigger);
    expect(error).toMatchObject({ code: 'conflict', problemCode: 'idempotency_key_reused', runId: 123 });
    expect(error.message).toContain('Another request was sent with this idempotency key before, run 123');
    expect(error.message).toContain('this call was not placed');
    expect(error.message).not.toContain('Correct the request');
    expect(errorOf(json(422, reused), trigger).message).toContain(
      'with this idempotency key before; this call was not placed.',
    );
  });

  test.each([
    [undefined, 'try again later.'],
    ['1', 'try again in a second.'],
    ['2', 'try again in 2 seconds.'],
    ['99', 'try again in 99 seconds.'],
    ['900', 'try again in 15 minutes.'],
    ['43200', 'try again in 12 hours.'],
  ])('with Retry-After %s: %s', (retryAfter, words) => {
    const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    expect(errorOf(json(429, { detail: 'Full' }, headers), trigger).message).toContain(words);
  });

  test('without a detail begins with the status; the address is outside the message', () => {
    expect(errorOf(text(502, ''), trigger)).toMatchObject({
      message:
        'The server answered 502. The call may have been placed: look at the agent’s calls before calling again.',
      exchange: `POST ${url} answered 502.`,
    });
  });
});

describe('a reply that is not this API’s', () => {
  test.each<[string, HttpResponse, string]>([
    [
      'a web page with 200',
      text(200, '\n<!doctype html><title>Sign in</title>'),
      'answered 200 with an HTML page',
    ],
    ['an empty 200', text(200, ' '), 'answered 200 with an empty body'],
    ['a 204', text(204, ''), 'answered 204 with an empty body'],
    ['text', text(200, 'OK'), 'answered 200 with text'],
    ['half of a JSON text', text(200, '{"id":'), 'answered 200 with text'],
    ['JSON null', json(200, null), 'answered 200 with unexpected JSON'],
    ['JSON without a key', json(200, {}), 'unexpected JSON (id: '],
    ['JSON with a wrong type', json(200, { id: 'secret-value' }), 'unexpected JSON (id: '],
  ])(
    '%s: the message has the status, and the error has the URL outside the message; after a trigger the outcome is unknown',
    (_, reply, message) => {
      const afterRead = errorOf(reply, read);
      expect(afterRead).toMatchObject({ code: 'unexpected_response', status: reply.status });
      expect(afterRead.exchange).toContain(`GET ${url}`);
      expect(afterRead.message).not.toContain('://');
      expect(afterRead.message).toContain(message);
      expect(afterRead.message).toContain('base URL');
      expect(afterRead.message).not.toContain('secret-value');

      const afterTrigger = errorOf(reply, trigger);
      expect(afterTrigger).toMatchObject({ code: 'outcome_unknown', status: reply.status });
      expect(afterTrigger.message).toContain('may have been placed');
    },
  );

  test.each<[string, HttpResponse, string]>([
    ['a redirect', text(302, '', { location: 'https://elsewhere.test' }), 'answered 302 with a redirect'],
    ['a 404 page of something else', text(404, '<html></html>'), 'answered 404 with an HTML page'],
    ['a proxy that asks for a password', text(401, '<html></html>'), 'answered 401 with an HTML page'],
    ['a firewall’s page', text(403, 'Forbidden'), 'answered 403 with text'],
  ])('%s proves that nothing was dialled', (_, reply, message) => {
    const error = errorOf(reply, trigger);
    expect(error.code).toBe('unexpected_response');
    expect(error.message).toContain(message);
  });
});

describe('the headers of a reply', () => {
  test.each([
    ['7', undefined, 7],
    ['0', undefined, 0],
    ['Sat, 22 Aug 2026 03:05:00 GMT', 'Sat, 22 Aug 2026 03:04:30 GMT', 30],
    ['Sat, 22 Aug 2026 03:04:00 GMT', 'Sat, 22 Aug 2026 03:04:30 GMT', 0],
    ['Sat, 22 Aug 2026 03:05:00 GMT', undefined, undefined],
    ['soon', undefined, undefined],
    ['-5', undefined, undefined],
  ])('Retry-After %s at %s is %s seconds', (retryAfter, date, seconds) => {
    const headers = { 'retry-after': retryAfter, ...(date ? { date } : {}) };
    expect(errorOf(json(429, { detail: 'x' }, headers), trigger).retryAfterSeconds).toBe(seconds);
  });

  test.each([
    ['/api/v1/workflow/7/runs/123', 123],
    ['https://api.example.test/api/v1/workflow/7/runs/123', 123],
    ['/api/v1/workflow/7/runs/123/cancel', undefined],
    ['/somewhere', undefined],
  ])('Location %s names run %s', (location, runId) => {
    expect(errorOf(json(504, { detail: 'x' }, { location }), trigger).runId).toBe(runId);
  });
});

describe('networkError', () => {
  test.each(['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED', 'EPIPE', 'EHOSTUNREACH'])(
    '%s leaves the outcome unknown after a trigger, and is unreachable after a read',
    (code) => {
      const error = networkError(broken(code), trigger);
      expect(error.code).toBe('outcome_unknown');
      expect(error.message).toContain('may have been placed');
      expect(networkError(broken(code), read).code).toBe('unreachable');
    },
  );

  test('a failure without a code leaves the outcome unknown', () => {
    expect(networkError(new Error('gone'), trigger).code).toBe('outcome_unknown');
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
    '%s proves that no request was sent: nothing was dialled',
    (code) => {
      const error = networkError(broken(code), trigger);
      expect(error.code).toBe('unreachable');
      expect(error.message).toContain('This call was not placed.');
      expect(error.exchange).toContain(`POST ${url}: `);
      expect(error.message).toContain(code);
    },
  );

  test.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:8000'],
    ['ECONNREFUSED', 'connect ECONNREFUSED ::1:8000'],
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND api.example.test'],
    ['ERR_BLOCKED_TARGET', 'The request to https://api.example.test/ was blocked'],
  ])(
    '%s, %s: the address is outside the message, because a language model may see the message',
    (code, words) => {
      const { message, exchange } = networkError(Object.assign(new Error(words), { code }), trigger);
      expect(message).not.toMatch(/127|::|example|:\/\//);
      expect(exchange).toContain(words);
    },
  );

  test('the error for an untrusted certificate says so, and what to do', () => {
    const error = networkError(broken('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), trigger);
    expect(error.message).toMatch(
      /certificate is not one that this machine trusts: give the server one that is/,
    );
    expect(hasUntrustedCertificate(error)).toBe(true);
    expect(hasUntrustedCertificate(networkError(broken('ECONNREFUSED'), trigger))).toBe(false);
  });
});
