/** How an answered call is held, as the form shows and changes it. */
import { answerOf, withAnswer } from '../../../trigger-server/console/src/screens/agent/model/settings';

const none = { mode: '', agent: '', environment: '', account: '', telephony: '' };
const atDograh = {
  mode: 'dograh',
  agent: 'workflow/abc',
  environment: 'test',
  account_id: 7,
  telephony_configuration_id: 55,
};
const shownAtDograh = {
  mode: 'dograh',
  agent: 'workflow/abc',
  environment: 'test',
  account: '7',
  telephony: '55',
};

test.each([
  [{}, none],
  [{ answer: 'stream' }, { ...none, mode: 'stream' }],
  [{ answer: atDograh }, shownAtDograh],
])('%j is shown as %j', (settings, shown) => {
  expect(answerOf(settings)).toEqual(shown);
});

test('an agent at Dograh is saved without blanks and empty choices, and the keys that the form does not have stay', () => {
  const settings = { answer: { ...atDograh, of_a_later_version: 1 }, language: 'en-US' };
  const chosen = { ...none, mode: 'dograh', agent: ' workflow/def ', account: '8' };
  expect(withAnswer(settings, chosen)).toEqual({
    answer: { mode: 'dograh', agent: 'workflow/def', account_id: 8, of_a_later_version: 1 },
    language: 'en-US',
  });
});

test('another answer replaces it, and the server’s default removes it', () => {
  const settings = { answer: atDograh };
  expect(withAnswer(settings, { ...shownAtDograh, mode: 'announce' })).toEqual({ answer: 'announce' });
  expect(withAnswer(settings, { ...shownAtDograh, mode: '' })).toEqual({});
});
