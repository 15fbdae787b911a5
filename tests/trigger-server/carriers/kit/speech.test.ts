import { speechParts } from '../../../../trigger-server/src/carriers/kit/speech';

describe('text in parts that a carrier takes', () => {
  test.each([
    ['a short text is one part', ' one two ', 20, ['one two']],
    ['a text as long as the limit is one part', 'one two', 7, ['one two']],
    ['it is cut at the last white space that fits', 'one two three', 8, ['one two', 'three']],
    ['the white space of a cut is lost, all of it', 'one  \n two', 4, ['one', 'two']],
    ['a word longer than the limit is cut inside', 'abcdefgh ij', 3, ['abc', 'def', 'gh', 'ij']],
    ['a character of two units is never cut', 'ab😀cd', 3, ['ab', '😀c', 'd']],
    ['white space alone has no part', ' \n ', 3, []],
    ['nothing has no part', '', 3, []],
  ])('%s', (_what, text, limit, parts) => {
    expect(speechParts(text, limit)).toEqual(parts);
  });
});
