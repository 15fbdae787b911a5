/** How long what is kept: in words, and as it is edited. */
import { retentionSettings } from '@dograh-trigger/shared';
import {
  describeRetention,
  draftOf,
  isShorter,
  retentionToSend,
} from '../../trigger-server/console/src/screens/guard/retention/retention-draft';

const settings = { runs_days: null, artifacts_days: 90, event_bodies_days: 30, events_days: 1 };

test('each setting is a sentence', () => {
  expect(describeRetention(settings)).toEqual([
    'Calls are kept for ever.',
    'Recordings and transcripts are kept for 90 days.',
    'Events are kept for 1 day.',
    'The bodies of delivered events are kept for 30 days.',
  ]);
});

test('settings that are not edited are sent as they were, and the API takes them', () => {
  const sent = retentionToSend(draftOf(settings));
  expect(sent).toEqual(settings);
  expect(retentionSettings.parse(sent)).toEqual(settings);
});

test('an empty field is for ever, and what is no number is left to the server to refuse', () => {
  const draft = { ...draftOf(settings), artifacts_days: '  ', events_days: 'two weeks' };
  expect(retentionToSend(draft)).toMatchObject({ artifacts_days: null, events_days: 'two weeks' });
});

test.each([
  ['a limit in place of none', { runs_days: '365' }, true],
  ['a smaller number', { artifacts_days: '89' }, true],
  ['a larger number', { artifacts_days: '91' }, false],
  ['no limit', { artifacts_days: '' }, false],
  ['no change', {}, false],
])('%s: whether something would be removed that is kept now', (_name, change, expected) => {
  expect(isShorter(settings, { ...draftOf(settings), ...change })).toBe(expected);
});
