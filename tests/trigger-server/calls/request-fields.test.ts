/** Unknown fields of a trigger: each is refused or named in the reply. */
import { triggerRequest, type Run } from '@dograh-trigger/shared';
import { refusedCallFields } from '../../../trigger-server/src/calls/request/refused-fields';
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

interface Caller {
  server: TestServer;
  account: Account;
  agent: TestAgent;
}

async function startCaller(environment: Record<string, string> = {}): Promise<Caller> {
  const server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1000', ...environment });
  return { server, ...(await readyToCall(server)) };
}

let ours: Caller;
beforeAll(async () => {
  ours = await startCaller();
});
afterAll(() => ours.server.close());

function trigger(body: object, { server, account, agent } = ours, key?: string) {
  const request = server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey);
  if (key !== undefined) request.set('Idempotency-Key', key);
  return request.send({ phone_number: '+14155550100', ...body });
}

async function runCount({ server, account, agent } = ours): Promise<number> {
  const page = await server.request
    .get(`/api/v1/workflow/${String(agent.id)}/runs`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (page.body as { total_count: number }).total_count;
}

interface Refusal {
  code: string;
  detail: { type: string; loc: string[]; msg: string }[];
}

/** Sends the body and expects a refusal without a call. @returns the refusal. */
async function refusalOf(body: object): Promise<Refusal> {
  const before = await runCount();
  const reply = await trigger(body).expect(422);
  expect(await runCount()).toBe(before);
  return reply.body as Refusal;
}

async function runOf(reply: { body: unknown }, { server, account } = ours): Promise<Run> {
  return readRun(server, account, (reply.body as { workflow_run_id: number }).workflow_run_id);
}

test.each([
  ['a later time', { scheduled_at: '2027-01-01T09:00:00Z' }, /would call at once/],
  ['Vapi’s plan', { schedulePlan: { earliestAt: '2027-01-01T09:00:00Z' } }, /would call at once/],
  ['Bland’s start', { start_time: '2027-01-01 09:00:00 -05:00' }, /would call at once/],
  ['Retell’s time', { trigger_timestamp: 1735718400000 }, /would call at once/],
  ['ElevenLabs’ time', { scheduled_time_unix: 1735718400 }, /would call at once/],
  ['Twilio’s time', { SendAt: '2027-01-01T09:00:00Z' }, /would call at once/],
  ['a delay', { 'delay-seconds': 60 }, /would call at once/],
  ['an end', { expires_at: '2027-01-01T09:00:00Z' }, /would call at once/],
  ['waiting for a slot', { on_busy: 'queue' }, /429/],
  ['a second try', { retries: 2 }, /placed once/],
  ['several tries', { maxRetries: 3 }, /placed once/],
  ['a key in the body', { idempotency_key: 'order-4711' }, /header Idempotency-Key/],
  ['no call at all', { dry_run: true }, /Every request places a call/],
  ['a list of those who want no calls', { do_not_call: true }, /destination policy/],
  ['hours', { calling_hours: 'wait' }, /destination policy/],
  ['a time zone', { tz: 'Europe/Berlin' }, /destination policy/],
])('%s is refused before the dial, with what to do instead', async (_name, body, words) => {
  const { code, detail } = await refusalOf(body);
  expect(code).toBe('unknown_field');
  expect(detail).toEqual([
    {
      type: 'unknown_field',
      loc: ['body', ...Object.keys(body)],
      msg: expect.stringMatching(words),
      input: null,
    },
  ]);
});

test('every name of the list is refused, and no call is placed', async () => {
  const own: ReadonlySet<string> = new Set(Object.keys(triggerRequest.shape));
  const names = Object.keys(refusedCallFields).filter((name) => !own.has(name));
  for (let from = 0; from < names.length; from += 20) {
    const some = names.slice(from, from + 20);
    const { detail } = await refusalOf(Object.fromEntries(some.map((name) => [name, 'x'])));
    expect(detail.map(({ loc }) => loc[1])).toEqual(some);
  }
});

test('a misspelt field is refused, with the right spelling', async () => {
  const { code, detail } = await refusalOf({
    callbackUrl: 'https://example.com/x',
    inital_context: { a: 1 },
  });
  expect(code).toBe('unknown_field');
  expect(detail.map(({ loc, msg }) => [loc[1], msg])).toEqual([
    ['callbackUrl', 'There is no such field. Did you mean callback_url?'],
    ['inital_context', 'There is no such field. Did you mean initial_context?'],
  ]);
});

test('a misspelt phone_number is a missing one, and the reply has the right spelling', async () => {
  const { server, account, agent } = ours;
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phoneNumber: '+14155550100' })
    .expect(422);
  expect(reply.body).toMatchObject({
    code: 'unknown_field',
    detail: [
      { type: 'missing', loc: ['body', 'phone_number'] },
      { type: 'unknown_field', loc: ['body', 'phoneNumber'], msg: expect.stringContaining('phone_number?') },
    ],
  });
});

test('a field that is null is ignored: the call is placed, and the reply names the field', async () => {
  const reply = await trigger({ scheduled_at: null, callbackUrl: null }).expect(200);
  expect(reply.headers['ignored-fields']).toBe('scheduled_at, callbackUrl');
});

describe('any other unknown field', () => {
  test('is named in the reply and on the run', async () => {
    const reply = await trigger({ customer: 'Jane', 'order no.': 4711 }).expect(200);
    expect(reply.headers['ignored-fields']).toBe('customer, order%20no.');
    expect((await runOf(reply)).ignored_fields).toEqual(['customer', 'order no.']);
  });

  test('is not reported if there is none', async () => {
    const reply = await trigger({ initial_context: { customer: 'Jane' } }).expect(200);
    expect(reply.headers).not.toHaveProperty('ignored-fields');
    expect((await runOf(reply)).ignored_fields).toEqual([]);
  });

  test('is named by every trigger route', async () => {
    const { server, account, agent } = ours;
    for (const path of [
      `test/${agent.triggerPath}`,
      `workflow/${agent.uuid}`,
      `test/workflow/${agent.uuid}`,
    ]) {
      const reply = await server.request
        .post(`/api/v1/public/agent/${path}`)
        .set('X-API-Key', account.apiKey)
        .send({ phone_number: '+14155550100', customer: 'Jane' })
        .expect(200);
      expect(reply.headers['ignored-fields']).toBe('customer');
    }
  });

  test.each([
    [400, { phone_number: '+15005550001' }],
    [404, { telephony_configuration_id: 999_999 }],
    [422, { phone_number: '12' }],
    [422, { scheduled_at: 'tomorrow' }],
  ])('is named by a refusal with %i, too', async (status, body) => {
    const reply = await trigger({ customer: 'Jane', ...body }).expect(status);
    expect(reply.headers['ignored-fields']).toBe('customer');
  });

  test('with a hostile name is reported safely, and the call is placed once', async () => {
    const before = await runCount();
    const names = ['line\r\nSet-Cookie: a=b', 'nul\0', '\ud83d', 'Straße', '', 'x'.repeat(100_000)];
    const reply = await trigger(Object.fromEntries(names.map((name) => [name, 1]))).expect(200);
    expect(await runCount()).toBe(before + 1);
    const reported = String(reply.headers['ignored-fields']).split(', ').map(decodeURIComponent);
    expect(reported).toEqual([
      'line\r\nSet-Cookie: a=b',
      'nul\0',
      '\ufffd',
      'Straße',
      '',
      `${'x'.repeat(64)}…`,
    ]);
    expect(reply.headers).not.toHaveProperty('set-cookie');
    expect((await runOf(reply)).ignored_fields).toEqual(reported);
  });

  test('is left out beyond the first 20 of 1,000; the reply, in 1 kB, and the run say that there were more', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${index}`);
    const reply = await trigger(Object.fromEntries(names.map((name) => [name, 1]))).expect(200);
    const header = String(reply.headers['ignored-fields']);
    expect(header.length).toBeLessThanOrEqual(1024);
    expect(header.split(', ').map(decodeURIComponent)).toEqual([...names.slice(0, 20), '…']);
    expect((await runOf(reply)).ignored_fields).toEqual([...names.slice(0, 20), '…']);
  });

  test('does not make a repeat another call', async () => {
    const first = await trigger({ customer: 'Jane' }, ours, 'k').expect(200);
    const again = await trigger({ client: 'John' }, ours, 'k').expect(200);
    expect(again.body).toEqual(first.body);
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', 'ignored-fields': 'client' });
    expect((await runOf(again)).ignored_fields).toEqual(['customer']);
  });

  test('is readable by a page of another origin', async () => {
    const reply = await trigger({ customer: 'Jane' }).expect(200);
    expect(reply.headers['access-control-expose-headers']).toContain('Ignored-Fields');
  });
});

describe('inside initial_context', () => {
  test('fields that the server replaces or drops are reported', async () => {
    const reply = await trigger({
      initial_context: { provider: 'x', called_number: '1', name: 'Jane' },
    }).expect(200);
    expect(reply.headers['ignored-fields']).toBe('initial_context.provider, initial_context.called_number');
  });

  test.each<[string, unknown]>([
    ['a recording', { type: 'audio', recording_id: 'r1' }],
    ['a bare text', 'Good morning'],
    ['a text without its type', { text: 'Good morning' }],
    ['a text that is none', { type: 'text', text: 4711 }],
    ['a list', ['Good morning']],
    ['false', false],
  ])(
    'greeting_override as %s is refused before the dial: another greeting would be spoken',
    async (_name, value) => {
      const { detail, code } = await refusalOf({ initial_context: { greeting_override: value } });
      expect(code).toBe('invalid_request');
      expect(detail).toMatchObject([
        {
          type: 'greeting_override',
          loc: ['body', 'initial_context', 'greeting_override'],
          msg: expect.stringContaining('plays no recording'),
        },
      ]);
    },
  );

  test('greeting_override as a text is spoken, and null is the agent’s own greeting', async () => {
    const said = await trigger({
      initial_context: { greeting_override: { type: 'text', text: 'Good day' } },
    }).expect(200);
    await trigger({ initial_context: { greeting_override: null } }).expect(200);
    await ours.server.advance(5000);
    expect(JSON.stringify((await runOf(said)).logs)).toContain('Good day');
  });
});

test('without the extension callback-url, callback_url is an ignored field', async () => {
  const caller = await startCaller({ EXTENSIONS: 'idempotency-key' });
  try {
    const reply = await trigger({ callback_url: 'https://example.com/x' }, caller).expect(200);
    expect(reply.headers['ignored-fields']).toBe('callback_url');
    expect((await runOf(reply, caller)).ignored_fields).toEqual(['callback_url']);
  } finally {
    await caller.server.close();
  }
});

test('plain Dograh refuses and reports none of them', async () => {
  const plain = await startCaller({ EXTENSIONS: '' });
  try {
    const names = [...Object.keys(refusedCallFields), 'callbackUrl', 'customer'];
    for (const body of [
      Object.fromEntries(names.map((name) => [name, 'x'])),
      Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`n${index}`, 1])),
      { initial_context: { greeting_override: { type: 'audio', recording_id: 'r1' }, provider: 'x' } },
    ]) {
      const reply = await trigger(body, plain).expect(200);
      expect(reply.headers).not.toHaveProperty('ignored-fields');
      expect(await runOf(reply, plain)).not.toHaveProperty('ignored_fields');
    }
  } finally {
    await plain.server.close();
  }
});
