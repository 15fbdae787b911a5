/** How an answered call is held, as the form shows and changes it. */
import { answerOf, withAnswer } from '../../../trigger-server/console/src/screens/agent/model/settings';

const atDograh = { mode: 'dograh', agent: 'workflow/abc', environment: 'test' };

test.each([
  [{}, { mode: '', agent: '', environment: '' }],
  [{ answer: 'stream' }, { mode: 'stream', agent: '', environment: '' }],
  [{ answer: atDograh }, atDograh],
])('%j is shown as %j', (settings, shown) => {
  expect(answerOf(settings)).toEqual(shown);
});

test('an agent at Dograh is saved without blanks, and the keys that the form does not have stay', () => {
  const settings = { answer: { ...atDograh, telephony_configuration_id: 55 }, language: 'en-US' };
  expect(withAnswer(settings, { mode: 'dograh', agent: ' workflow/def ', environment: '' })).toEqual({
    answer: { mode: 'dograh', agent: 'workflow/def', telephony_configuration_id: 55 },
    language: 'en-US',
  });
});

test('another answer replaces it, and the server’s default removes it', () => {
  const none = { agent: 'workflow/abc', environment: 'test' };
  expect(withAnswer({ answer: atDograh }, { mode: 'announce', ...none })).toEqual({ answer: 'announce' });
  expect(withAnswer({ answer: atDograh }, { mode: '', ...none })).toEqual({});
});
