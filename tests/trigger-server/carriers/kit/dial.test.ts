/** Which replies to a dial mean that no phone rings, and which words of the carrier are passed on. */
import { dialOverHttp, refusalText, textAt } from '../../../../trigger-server/src/carriers/kit/dial';
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';
import { vendorHost, type VendorHost } from '../../../support/vendors/host';

let status: number;
let headers: Record<string, string>;
let server: LocalServer;
let host: VendorHost;

beforeEach(async () => {
  headers = {};
  server = await startLocalServer((_request, response) => {
    replyJson(response, status, { id: 'call-1', message: 'No' }, { location: '/elsewhere', ...headers });
  });
  host = vendorHost('example', { origin: server.url });
});
afterEach(async () => {
  await host.close();
  await server.close();
});

function dial() {
  const order = { method: 'POST', url: host.apiUrl('https://api.example.com/calls'), headers: {} } as const;
  return dialOverHttp(host, 7, order, {
    carrier: 'Example',
    callerNumber: '+14155550123',
    callId: (body) => textAt(body, 'id'),
    refusal: (body) => textAt(body, 'message'),
  });
}

test.each([200, 201, 202])('HTTP %i with the id of a call is placed', async (given) => {
  status = given;
  expect(await dial()).toEqual({ outcome: 'placed', callId: 'call-1', callerNumber: '+14155550123' });
});

test.each([400, 401, 402, 403, 404, 409, 422, 425])('HTTP %i is refused', async (given) => {
  status = given;
  expect(await dial()).toEqual({ outcome: 'refused', detail: `Example: No (HTTP ${String(given)})` });
});

test.each([
  ['17', 17],
  ['0', 1],
  ['86400', 600],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 10],
  [undefined, 10],
])('HTTP 429 with Retry-After %p was not sent; retry in %i s', async (retryAfter, retryAfterSeconds) => {
  status = 429;
  if (retryAfter !== undefined) headers = { 'retry-after': retryAfter };
  const detail = 'Example: No (HTTP 429)';
  expect(await dial()).toEqual({ outcome: 'not_sent', code: 'carrier_busy', detail, retryAfterSeconds });
});

test('without a connection nothing was sent, and the dial may be sent soon', async () => {
  await server.close();
  const detail = 'Example could not be reached; nobody was called.';
  expect(await dial()).toEqual({
    outcome: 'not_sent',
    code: 'carrier_unreachable',
    detail,
    retryAfterSeconds: 10,
  });
});

test.each([301, 302, 303, 307, 308, 408, 500, 502, 503, 504])(
  'after HTTP %i the phone may ring, and nothing is sent again',
  async (given) => {
    status = given;
    expect(await dial()).toEqual({ outcome: 'unknown' });
    expect(server.requests).toHaveLength(1);
  },
);

describe('a refusal', () => {
  test.each([
    ['quotes the number that was called', 'Cannot call +14155550100', 'Cannot call [number]'],
    [
      'quotes a callback URL',
      "Url 'https://calls.example.test/api/v1/telephony/callbacks/x/answer/7/0/token' is not valid",
      "Url '[address]' is not valid",
    ],
    [
      'quotes the path of the request',
      'The requested resource /2010-04-01/Accounts/ACSECRET/Calls.json was not found',
      'The requested resource [address] was not found',
    ],
    ['has a slash between words', 'Invalid to/from number, see docs', 'Invalid to/from number, see docs'],
    ['has lines', 'No\r\n  such number ', 'No such number'],
  ])('that %s is passed on, without numbers and addresses', (_title, words, told) => {
    expect(refusalText('Example', 400, words)).toBe(`Example: ${told} (HTTP 400)`);
  });

  test.each([undefined, '', ' \n'])('without words (%j) has no reason given', (words) => {
    expect(refusalText('Example', 400, words)).toBe('Example: no reason given (HTTP 400)');
  });

  test('that is long is cut', () => {
    expect(refusalText('Example', 400, 'no '.repeat(5000)).length).toBeLessThan(350);
  });
});
