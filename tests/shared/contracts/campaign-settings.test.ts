/** The settings of a campaign, with Dograh's bounds and defaults. */
import { campaignBreaker, campaignRetry, campaignSchedule } from '@dograh-trigger/shared';

const slot = { day_of_week: 0, start_time: '09:00', end_time: '17:30' };

test('what is left out has the default of Dograh', () => {
  expect(campaignRetry.parse({})).toEqual({
    enabled: true,
    max_retries: 2,
    retry_delay_seconds: 120,
    retry_on_busy: true,
    retry_on_no_answer: true,
    retry_on_voicemail: true,
  });
  expect(campaignSchedule.parse({ slots: [slot] })).toEqual({
    enabled: true,
    timezone: 'UTC',
    slots: [slot],
  });
  expect(campaignBreaker.parse({})).toEqual({
    enabled: true,
    failure_threshold: 0.5,
    window_seconds: 120,
    min_calls_in_window: 5,
  });
});

test.each([
  ['max_retries', 0, 10],
  ['retry_delay_seconds', 30, 3600],
])('%s is between %d and %d', (name, least, most) => {
  for (const value of [least, most]) expect(campaignRetry.safeParse({ [name]: value }).success).toBe(true);
  for (const value of [least - 1, most + 1, least + 0.5]) {
    expect(campaignRetry.safeParse({ [name]: value }).success).toBe(false);
  }
});

test.each([
  ['failure_threshold', 0, 1],
  ['window_seconds', 30, 600],
  ['min_calls_in_window', 1, 100],
])('%s is between %d and %d', (name, least, most) => {
  for (const value of [least, most]) expect(campaignBreaker.safeParse({ [name]: value }).success).toBe(true);
  for (const value of [least - 1, most + 1]) {
    expect(campaignBreaker.safeParse({ [name]: value }).success).toBe(false);
  }
});

test.each<[string, object, string]>([
  [
    'ends before it begins',
    { slots: [{ ...slot, end_time: '08:59' }] },
    'start_time must be before end_time',
  ],
  ['is empty', { slots: [{ ...slot, end_time: '09:00' }] }, 'start_time must be before end_time'],
  ['has an hour that no day has', { slots: [{ ...slot, end_time: '25:00' }] }, 'from 00:00 to 23:59'],
  ['is in a zone that does not exist', { slots: [slot], timezone: 'Europe/Atlantis' }, 'IANA database'],
])('a slot that %s is refused in words', (_what, schedule, words) => {
  const parsed = campaignSchedule.safeParse(schedule);
  expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(words);
});

test('a week has 1 to 50 slots', () => {
  const slots = (count: number) => ({ slots: Array.from({ length: count }, () => slot) });
  expect([0, 1, 50, 51].map((count) => campaignSchedule.safeParse(slots(count)).success)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
