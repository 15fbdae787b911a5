/** Which calls an organization's destination policy allows. The clock is set to Monday, 12:00 UTC. */
import { readyToCall } from '../../support/agents';
import { policyPath, type Caller, useCallersUnderPolicies } from '../../support/destination-policy';
import type { Account } from '../../support/test-server';

const defaultPolicy = {
  allowed_calling_codes: null,
  blocked_prefixes: [],
  calling_hours: null,
  daily_calls_per_key: null,
  max_calls_per_number: null,
  allowed_number_types: [],
};
/** As it is read. */
const inForce = (policy: object) => ({ ...policy, revision: expect.any(String) as string });

const { server, put, readyWith, call, runCount } = useCallersUnderPolicies();

function read(account: Account) {
  return server().request.get(policyPath).set('X-API-Key', account.apiKey).expect(200);
}

/** Expects a refusal by this rule. @returns its explanation. */
async function refusalOf(caller: Caller, phoneNumber: string, rule: string): Promise<string> {
  const reply = await call(caller, phoneNumber).expect(422);
  const { detail } = reply.body as { detail: { msg: string }[] };
  expect(detail).toEqual([
    {
      type: 'destination_refused',
      loc: ['body', 'phone_number'],
      msg: expect.any(String),
      input: null,
      ctx: expect.objectContaining({ rule }) as object,
    },
  ]);
  expect(reply.text).not.toContain(phoneNumber.slice(4));
  expect(await runCount(caller)).toBe(0);
  return detail[0]!.msg;
}

describe('the policy', () => {
  test('of a new organization refuses only the expensive kinds of number', async () => {
    const account = await server().signUp();
    expect((await read(account)).body).toEqual(inForce(defaultPolicy));
  });

  test('is replaced as a whole: omitted fields get their defaults', async () => {
    const account = await server().signUp();
    await put(account, { blocked_prefixes: ['+4470'] }).expect(200);
    const reply = await put(account, { calling_hours: { windows: [{ from: '22:00', to: '06:00' }] } }).expect(
      200,
    );
    const policy = {
      ...defaultPolicy,
      calling_hours: {
        windows: [
          {
            from: '22:00',
            to: '06:00',
            days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
          },
        ],
        holidays: [],
        time_zone: null,
      },
    };
    expect(reply.body).toEqual(inForce(policy));
    expect((await read(account)).body).toEqual(inForce(policy));
  });

  test('of one organization does not apply to another', async () => {
    const account = await server().signUp();
    await put(await server().signUp(), { allowed_calling_codes: [] }).expect(200);
    expect((await read(account)).body).toEqual(inForce(defaultPolicy));
  });

  test('is saved once from one revision: the second of two people is refused, and nothing of theirs is saved', async () => {
    const account = await server().signUp();
    const { revision } = (await read(account)).body as { revision: string };
    const first = await put(account, { allowed_calling_codes: ['1'], revision }).expect(200);
    const reply = await put(account, { allowed_calling_codes: ['49'], revision }).expect(409);
    expect(reply.body).toMatchObject({ code: 'policy_changed' });
    expect((await read(account)).body).toEqual(first.body);
    const current = (first.body as { revision: string }).revision;
    await put(account, { allowed_calling_codes: ['49'], revision: current }).expect(200);
    expect((await read(account)).body).toMatchObject({ allowed_calling_codes: ['49'] });
  });

  test('of two simultaneous changes of one revision exactly one is saved', async () => {
    const account = await server().signUp();
    const { revision } = (await read(account)).body as { revision: string };
    const replies = await Promise.all(
      ['1', '49'].map((code) => put(account, { allowed_calling_codes: [code], revision })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('cannot be changed with an API key, because a leaked key would be used to open it', async () => {
    const account = await server().signUp();
    await put(account, { allowed_calling_codes: ['1'] }).expect(200);
    const reply = await server()
      .request.put(policyPath)
      .set('X-API-Key', account.apiKey)
      .send({})
      .expect(403);
    const { detail } = reply.body as { detail: string };
    expect(detail).toContain('An API key cannot change the destination policy: sign in');
    expect((await read(account)).body).toMatchObject({ allowed_calling_codes: ['1'] });
  });

  test('is readable by members only', async () => {
    await server().request.get(policyPath).expect(401);
    await server().request.put(policyPath).send({}).expect(401);
  });

  const hours = { windows: [{ from: '09:00', to: '20:00' }] };
  const window = (values: object) => ({ calling_hours: { windows: [values] } });
  test.each<[string, unknown, (string | number)[], string]>([
    [
      'a calling code with a plus',
      { allowed_calling_codes: ['+1'] },
      ['allowed_calling_codes', 0],
      'string_pattern_mismatch',
    ],
    [
      'a calling code as a number',
      { allowed_calling_codes: [1] },
      ['allowed_calling_codes', 0],
      'string_type',
    ],
    [
      'calling codes that are not a list',
      { allowed_calling_codes: '1' },
      ['allowed_calling_codes'],
      'list_type',
    ],
    [
      'a prefix with spaces',
      { blocked_prefixes: ['+1 415'] },
      ['blocked_prefixes', 0],
      'string_pattern_mismatch',
    ],
    ['a star', { blocked_prefixes: ['+1900', '+44*'] }, ['blocked_prefixes', 1], 'string_pattern_mismatch'],
    ['a plus alone', { blocked_prefixes: ['+'] }, ['blocked_prefixes', 0], 'string_pattern_mismatch'],
    [
      'more than 1000 prefixes',
      { blocked_prefixes: Array<string>(1001).fill('+1900') },
      ['blocked_prefixes'],
      'too_long',
    ],
    ['hours without an end', window({ from: '09:00' }), ['calling_hours', 'windows', 0, 'to'], 'missing'],
    ['hours without a window', { calling_hours: { windows: [] } }, ['calling_hours', 'windows'], 'too_short'],
    [
      'a date that does not exist',
      { calling_hours: { ...hours, holidays: ['2026-02-30'] } },
      ['calling_hours', 'holidays', 0],
      'string_pattern_mismatch',
    ],
    [
      'an impossible time',
      window({ from: '24:00', to: '09:00' }),
      ['calling_hours', 'windows', 0, 'from'],
      'string_pattern_mismatch',
    ],
    [
      'hours of no length',
      window({ from: '09:00', to: '09:00' }),
      ['calling_hours', 'windows', 0, 'to'],
      'value_error',
    ],
    [
      'an unknown day',
      window({ from: '09:00', to: '20:00', days: ['Monday'] }),
      ['calling_hours', 'windows', 0, 'days', 0],
      'literal_error',
    ],
    [
      'no day at all',
      window({ ...hours.windows[0], days: [] }),
      ['calling_hours', 'windows', 0, 'days'],
      'too_short',
    ],
    [
      'a time zone that does not exist',
      { calling_hours: { ...hours, time_zone: 'Europe/Nowhere' } },
      ['calling_hours', 'time_zone'],
      'value_error',
    ],
    [
      'an offset as time zone',
      { calling_hours: { ...hours, time_zone: '+02:00' } },
      ['calling_hours', 'time_zone'],
      'value_error',
    ],
    ['a limit of zero', { daily_calls_per_key: 0 }, ['daily_calls_per_key'], 'greater_than_equal'],
    [
      'a limit of no calls to one number',
      { max_calls_per_number: { calls: 0, window: 'P1D' } },
      ['max_calls_per_number', 'calls'],
      'greater_than_equal',
    ],
    ...['P1M', 'PT59S', 'P32D', '24h', ''].map((window): [string, unknown, (string | number)[], string] => [
      `a limit of calls to one number in ${window || 'no time'}`,
      { max_calls_per_number: { calls: 1, window } },
      ['max_calls_per_number', 'window'],
      'value_error',
    ]),
    ['a limit as text', { daily_calls_per_key: '5' }, ['daily_calls_per_key'], 'int_type'],
    [
      'a kind of number that is not guarded',
      { allowed_number_types: ['mobile'] },
      ['allowed_number_types', 0],
      'literal_error',
    ],
    ['a rule that does not exist', { blocked_number: [] }, [], 'value_error'],
  ])('with %s is refused with its path, and the previous one stays', async (_name, policy, place, type) => {
    const account = await server().signUp();
    const before = { ...defaultPolicy, blocked_prefixes: ['+1415'] };
    await put(account, before).expect(200);
    const reply = await put(account, policy).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ type, loc: ['body', ...place], input: null }] });
    expect((await read(account)).body).toEqual(inForce(before));
  });
});

describe('kinds of number', () => {
  test.each([
    ['+19005550100', 'premium_rate'],
    ['+979123456789', 'premium_rate'],
    ['+49180512345', 'shared_cost'],
    ['+80812345678', 'shared_cost'],
    ['+870773112345', 'satellite'],
    ['+878101234567890', 'satellite'],
    ['+881612345678', 'satellite'],
    ['+88216123456', 'satellite'],
    ['+883510012345', 'satellite'],
  ] as const)('%s is refused unless %s is allowed', async (number, type) => {
    const caller = await readyToCall(server());
    expect(await refusalOf(caller, number, 'number_type')).toContain(
      `add "${type}" to its allowed_number_types`,
    );
    await put(caller.account, { allowed_number_types: [type] }).expect(200);
    await call(caller, number).expect(200);
  });

  test('numbers that are reserved for tests and fiction are allowed by default', async () => {
    const caller = await readyToCall(server());
    for (let last = 0; last < 100; last += 7) {
      await call(caller, `+1212555${String(100 + last).padStart(4, '0')}`).expect(200);
    }
    for (const number of ['+442079460000', '+61491570156', '+12465550100', '+15005550011']) {
      await call(caller, number).expect(200);
    }
  });
});

describe('calling codes', () => {
  test('only numbers with an allowed code may be called', async () => {
    const caller = await readyWith({ allowed_calling_codes: ['44', '49'] });
    expect(await refusalOf(caller, '+14155550100', 'calling_code')).toContain(
      'add "1" to its allowed_calling_codes',
    );
    await call(caller, '+442079460000').expect(200);
  });

  test('an empty list refuses all calls', async () => {
    const caller = await readyWith({ allowed_calling_codes: [] });
    await refusalOf(caller, '+442079460000', 'calling_code');
  });

  test('allowing a satellite network’s calling code does not allow satellite numbers', async () => {
    const caller = await readyWith({ allowed_calling_codes: ['881'] });
    await refusalOf(caller, '+881612345678', 'number_type');
  });
});

test('a blocked prefix blocks all numbers that begin with it, however they are written', async () => {
  const caller = await readyWith({ blocked_prefixes: ['+4479'] });
  for (const number of ['+447911123456', '+44 7911 123456', '+44 (7911) 123-456', ' +447911.123.456 ']) {
    expect(await refusalOf(caller, number, 'blocked_prefix')).toContain('blocked_prefixes');
  }
  await call(caller, '+442079460000').expect(200);
});

describe('calling hours', () => {
  const paris = '+33142345678';
  const kamchatka = '+74152123456';

  test('that are open let a call through; closed ones say when they open, by which time zones, and for how long to wait', async () => {
    const caller = await readyWith({ calling_hours: { windows: [{ from: '13:00', to: '13:01' }] } });
    await call(caller, paris).expect(200);
    await put(caller.account, { calling_hours: { windows: [{ from: '14:00', to: '15:00' }] } }).expect(200);
    const reply = await call(caller, paris).expect(422);
    expect(reply.headers['retry-after']).toBe('3600');
    expect(reply.body).toMatchObject({
      code: 'destination_refused',
      detail: [
        {
          msg: expect.stringContaining('They open at 2026-11-23T13:00:00.000Z') as string,
          ctx: {
            rule: 'calling_hours',
            zones: ['Europe/Paris'],
            zone_source: 'country',
            opens_at: '2026-11-23T13:00:00.000Z',
          },
        },
      ],
    });
  });

  test('that never open for a number have no Retry-After, and say that a time zone helps', async () => {
    const caller = await readyWith({ calling_hours: { windows: [{ from: '09:00', to: '17:00' }] } });
    const reply = await call(caller, '+79161234567').expect(422);
    expect(reply.headers).not.toHaveProperty('retry-after');
    expect(reply.text).toContain('Name a time zone in the request’s time_zone or in calling_hours.time_zone');
    expect(reply.body).toMatchObject({ detail: [{ ctx: { zone_source: 'country', opens_at: null } }] });
  });

  test('of a policy with a time zone are on that clock, whoever is called', async () => {
    const windows = [{ from: '12:00', to: '12:01' }];
    const caller = await readyWith({ calling_hours: { windows, time_zone: 'UTC' } });
    await call(caller, kamchatka).expect(200);
    await put(caller.account, { calling_hours: { windows } }).expect(200);
    await call(caller, kamchatka).expect(422);
  });

  test('refuse a number without a country until the policy names a time zone', async () => {
    const hours = { windows: [{ from: '00:00', to: '24:00' }] };
    const caller = await readyWith({ calling_hours: hours });
    expect(await refusalOf(caller, '+80012345678', 'calling_hours')).toContain('calling_hours.time_zone');
    await put(caller.account, { calling_hours: { ...hours, time_zone: 'UTC' } }).expect(200);
    await call(caller, '+80012345678').expect(200);
  });
});

test('a refusal leaves no number in the log', async () => {
  const caller = await readyWith({ blocked_prefixes: ['+1415'] });
  await call(caller, '+14155550187').expect(422);
  expect(server().logLines.join('')).not.toContain('4155550187');
});
