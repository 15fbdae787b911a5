import {
  progressInWords,
  settingsInWords,
  skippedInWords,
} from '../../trigger-server/console/src/screens/campaigns/campaign-words';

const once = {
  enabled: true,
  max_retries: 0,
  retry_delay_seconds: 120,
  retry_on_busy: true,
  retry_on_no_answer: true,
  retry_on_voicemail: false,
};
const breaker = { enabled: false, failure_threshold: 0.5, window_seconds: 120, min_calls_in_window: 5 };
const plain = { retry_config: once, max_concurrency: null, schedule_config: null, circuit_breaker: breaker };

it('says how far a campaign is', () => {
  expect(progressInWords({ total_rows: 1200, processed_rows: 1000, failed_rows: 12 })).toBe(
    '1,000 of 1,200 contacts done, 12 of them not reached',
  );
  expect(progressInWords({ total_rows: 1, processed_rows: 0, failed_rows: 0 })).toBe('0 of 1 contact done');
  expect(skippedInWords({ skipped_rows: 1 })).toBe('1 row of the file is not called');
});

it('says how a campaign without settings calls', () => {
  expect(settingsInWords(plain)).toEqual([
    'As many calls at once as your organization may have.',
    'It calls at any time that the policy allows.',
    'Each contact is called once.',
    'It does not pause by itself when calls fail.',
  ]);
});

it('says how many calls at once, at which hours, what is called again, and when it pauses', () => {
  const slots = [
    { day_of_week: 0, start_time: '09:00', end_time: '12:00' },
    { day_of_week: 6, start_time: '10:00', end_time: '11:30' },
  ];
  expect(
    settingsInWords({
      retry_config: { ...once, max_retries: 2, retry_on_voicemail: true },
      max_concurrency: 1,
      schedule_config: { enabled: true, timezone: 'Europe/Berlin', slots },
      circuit_breaker: { ...breaker, enabled: true },
    }),
  ).toEqual([
    'At most one call at once.',
    'It calls Monday from 09:00 to 12:00 and Sunday from 10:00 to 11:30, by the clock of Europe/Berlin.',
    'If the line was busy, nobody answered, or a machine answered, it calls up to 2 times more, 2 minutes later.',
    'It pauses by itself when 50 % of its calls fail within 2 minutes.',
  ]);
});
