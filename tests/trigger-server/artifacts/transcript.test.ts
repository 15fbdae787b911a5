/** Which words of an utterance were heard before it was cut off. */
import { heardPart } from '../../../trigger-server/src/artifacts/transcript';

test.each([
  ['all of it', 'Hello Jane, see you.', 1, 'Hello Jane, see you.'],
  ['nothing', 'Hello Jane, see you.', 0, ''],
  ['half a word', 'Hello Jane, see you.', 0.2, ''],
  ['a word and a half', 'Hello Jane, see you.', 0.4, 'Hello'],
  ['two words and a comma', 'Hello Jane, see you.', 0.56, 'Hello Jane,'],
  ['a language without spaces', '明日の九時にお会いしましょう', 0.55, '明日の九時にお'],
])('%s was heard', (_what, text, share, heard) => {
  expect(heardPart(text, share)).toBe(heard);
});
