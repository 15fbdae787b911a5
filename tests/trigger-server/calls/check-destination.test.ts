/** POST /organizations/destination-policy/check answers as a call would be answered. Monday, 12:00 UTC. */
import type { DestinationCheck } from '@dograh-trigger/shared';
import { policyPath, type Caller, useCallersUnderPolicies } from '../../support/destination-policy';

const { server, readyWith, call, runCount } = useCallersUnderPolicies();

async function check({ account }: Caller, phoneNumber: string, at?: string): Promise<DestinationCheck> {
  const reply = await server()
    .request.post(`${policyPath}/check`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: phoneNumber, ...(at === undefined ? {} : { at }) })
    .expect(200);
  return reply.body as DestinationCheck;
}

test('an allowed number is shown as it would be dialled, with its countries and its kind', async () => {
  const caller = await readyWith({});
  expect(await check(caller, '+44 7400 123456')).toEqual({
    allowed: true,
    reason: null,
    rule: null,
    detail: null,
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
  ['calling_hours', { calling_hours: { from: '13:00', to: '14:00', time_zone: 'UTC' } }, '+14155550100'],
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
      phone_number: null,
      countries: [],
      number_type: null,
    });
  },
);

test('calling hours are judged at the time that is asked about', async () => {
  const caller = await readyWith({ calling_hours: { from: '13:00', to: '14:00', time_zone: 'UTC' } });
  expect(await check(caller, '+14155550100', '2026-11-24T14:59:00+02:00')).toMatchObject({
    allowed: false,
    rule: 'calling_hours',
  });
  expect(await check(caller, '+14155550100', '2026-11-24T15:00:00+02:00')).toMatchObject({ allowed: true });
});

test('an expensive kind of number is named', async () => {
  const caller = await readyWith({ allowed_number_types: ['satellite'] });
  expect(await check(caller, '+881612345678')).toMatchObject({ allowed: true, number_type: 'satellite' });
});
