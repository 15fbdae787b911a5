/** POST /organizations/destination-policy/check answers as a call would be answered. Monday, 12:00 UTC. */
import type { DestinationCheck, DestinationChecks } from '@dograh-trigger/shared';
import { policyPath, type Caller, useCallersUnderPolicies } from '../../support/destination-policy';

const { server, readyWith, call, runCount } = useCallersUnderPolicies();

async function checkAll(
  { account }: Caller,
  phoneNumbers: readonly string[],
  when: { at?: string; time_zone?: string } = {},
): Promise<DestinationCheck[]> {
  const reply = await server()
    .request.post(`${policyPath}/check`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_numbers: phoneNumbers, ...when })
    .expect(200);
  return (reply.body as DestinationChecks).results;
}

async function check(caller: Caller, phoneNumber: string, when = {}): Promise<DestinationCheck> {
  const [result, ...others] = await checkAll(caller, [phoneNumber], when);
  expect(others).toEqual([]);
  return result!;
}

test('an allowed number is shown as it would be dialled, with its countries and its kind', async () => {
  const caller = await readyWith({});
  expect(await check(caller, '+44 7400 123456')).toEqual({
    allowed: true,
    reason: null,
    rule: null,
    detail: null,
    opens_at: null,
    phone_number: '+447400123456',
    countries: ['GB'],
    number_type: 'mobile',
  });
  expect(await runCount(caller)).toBe(0);
});

test.each([
  ['calling_code', { allowed_calling_codes: ['44'] }, '+14155550100'],
  ['blocked_prefix', { blocked_prefixes: ['+4470'] }, '+447012345678'],
  ['number_type', {}, '+881612345678'],
  [
    'calling_hours',
    { calling_hours: { windows: [{ from: '13:00', to: '14:00' }], time_zone: 'UTC' } },
    '+14155550100',
  ],
])('a number that %s refuses gets the words of the refusal of a call', async (rule, policy, number) => {
  const caller = await readyWith(policy);
  const refusal = await call(caller, number).expect(422);
  const [item] = (refusal.body as { detail: [{ msg: string }] }).detail;
  expect(await check(caller, number)).toMatchObject({
    allowed: false,
    reason: 'destination_refused',
    rule,
    detail: item.msg,
    phone_number: number,
  });
});

test.each(['4155550100', '+1', '+44 07400 123456', '', 'Jane'])(
  'the number %j, which no carrier could dial, gets the words of the refusal of a call',
  async (number) => {
    const caller = await readyWith({});
    const refusal = await call(caller, number).expect(422);
    const [item] = (refusal.body as { detail: [{ msg: string }] }).detail;
    expect(await check(caller, number)).toEqual({
      allowed: false,
      reason: 'phone_number',
      rule: null,
      detail: item.msg,
      opens_at: null,
      phone_number: null,
      countries: [],
      number_type: null,
    });
  },
);

test('calling hours are judged at the time that is asked about', async () => {
  const caller = await readyWith({
    calling_hours: { windows: [{ from: '13:00', to: '14:00' }], time_zone: 'UTC' },
  });
  expect(await check(caller, '+14155550100', { at: '2026-11-24T14:59:00+02:00' })).toMatchObject({
    allowed: false,
    rule: 'calling_hours',
  });
  expect(await check(caller, '+14155550100', { at: '2026-11-24T15:00:00+02:00' })).toMatchObject({
    allowed: true,
  });
});

test('an expensive kind of number is named', async () => {
  const caller = await readyWith({ allowed_number_types: ['satellite'] });
  expect(await check(caller, '+881612345678')).toMatchObject({ allowed: true, number_type: 'satellite' });
});

test('each of many numbers is answered in its place, whether it may be called, must wait or cannot be dialled', async () => {
  const caller = await readyWith({ calling_hours: { windows: [{ from: '09:00', to: '17:00' }] } });
  const answers = await checkAll(caller, ['+493012345678', '+14155550100', '4155550100', '+79161234567']);
  expect(answers).toMatchObject([
    { allowed: true, opens_at: null, phone_number: '+493012345678' },
    { allowed: false, rule: 'calling_hours', opens_at: '2026-11-23T17:00:00.000Z' },
    { allowed: false, reason: 'phone_number', phone_number: null },
    // Between Kaliningrad and Kamchatka are ten hours, so eight of them are nowhere open at the same time.
    { allowed: false, rule: 'calling_hours', opens_at: null },
  ]);
});

test('the time zone that is named is that of all numbers', async () => {
  const caller = await readyWith({ calling_hours: { windows: [{ from: '09:00', to: '17:00' }] } });
  const numbers = ['+14155550100', '+79161234567'];
  const answers = await checkAll(caller, numbers, { time_zone: 'Asia/Kamchatka' });
  // At Kamchatka it is 00:00 of the next day.
  expect(answers.map(({ opens_at: at }) => at)).toEqual(Array(2).fill('2026-11-23T21:00:00.000Z'));
});

test.each([
  ['no number', { phone_numbers: [] }],
  ['1,001 numbers', { phone_numbers: Array(1001).fill('+14155550100') }],
  ['a time without an offset', { phone_numbers: ['+14155550100'], at: '2026-11-23T20:30:00' }],
  ['a time zone that does not exist', { phone_numbers: ['+14155550100'], time_zone: 'Mars/Base' }],
])('a check with %s is refused', async (_name, body) => {
  const { account } = await readyWith({});
  const request = server().request.post(`${policyPath}/check`).set('X-API-Key', account.apiKey);
  await request.send(body).expect(422);
});

test('1,000 numbers that are never open take one search for all', async () => {
  const holidays = Array.from({ length: 400 }, (_, day) =>
    new Date(Date.UTC(2026, 10, 20) + day * 86_400_000).toISOString().slice(0, 10),
  );
  const caller = await readyWith({ calling_hours: { windows: [{ from: '09:00', to: '17:00' }], holidays } });
  const before = process.cpuUsage();
  const answers = await checkAll(caller, Array<string>(1000).fill('+79161234567'));
  const { user } = process.cpuUsage(before);
  expect(answers.every(({ allowed, opens_at: at }) => !allowed && at === null)).toBe(true);
  // It takes about 0.3 s. A search through the year for each number would take several seconds.
  expect(user / 1000).toBeLessThan(2000);
});
