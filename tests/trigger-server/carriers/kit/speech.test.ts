import fc from 'fast-check';
import {
  atMostBytes,
  atMostCharacters,
  atMostEncoded,
  speechParts,
} from '../../../../trigger-server/src/carriers/kit/speech';

describe('text in parts within a carrier’s limit', () => {
  test.each([
    ['a short text is one part', ' one two ', 20, ['one two']],
    ['a text as long as the limit is one part', 'one two', 7, ['one two']],
    ['it is cut after the last sentence that fits', 'One. Two! Three four', 14, ['One. Two!', 'Three four']],
    ['a quote belongs to its sentence', 'Say “yes.” Then go on', 16, ['Say “yes.”', 'Then go on']],
    ['a number ends no sentence', 'Pay 12.50 now', 9, ['Pay 12.50', 'now']],
    ['a sentence of Chinese needs no space after it', '你好。明天见面', 5, ['你好。', '明天见面']],
    ['without a sentence it is cut at the last white space', 'one two three', 8, ['one two', 'three']],
    ['the white space of a cut is lost, all of it', 'one  \n two', 4, ['one', 'two']],
    ['a word longer than the limit is cut inside', 'abcdefgh ij', 3, ['abc', 'def', 'gh', 'ij']],
    ['a character of two units is never cut', 'ab😀cd', 3, ['ab', '😀c', 'd']],
    ['white space alone has no part', ' \n ', 3, []],
    ['nothing has no part', '', 3, []],
  ])('%s', (_what, text, most, parts) => {
    expect(speechParts(text, atMostCharacters(most))).toEqual(parts);
  });

  test.each([
    ['bytes of UTF-8', atMostBytes(4), ['éé', 'éé']],
    ['characters of the URL-encoded text', atMostEncoded(12), ['éé', 'éé']],
    ['UTF-16 units', atMostCharacters(4), ['éééé']],
  ])('a limit may count %s', (_what, limit, parts) => {
    expect(speechParts('éééé', limit)).toEqual(parts);
  });
});

const anyText = fc
  .array(fc.constantFrom('a', 'word', '.', '! ', '? ', ' ', '\n', '”', '。', '你', '😀', 'é'), {
    maxLength: 80,
  })
  .map((pieces) => pieces.join(''));
const limit = fc.integer({ min: 12, max: 40 });
const withoutSpace = (text: string) => text.replace(/\s/g, '');

describe('for any text', () => {
  test('nothing but white space is lost, and every part keeps every limit', () => {
    fc.assert(
      fc.property(anyText, limit, limit, (text, bytes, encoded) => {
        const parts = speechParts(text, atMostBytes(bytes), atMostEncoded(encoded));
        expect(withoutSpace(parts.join(''))).toBe(withoutSpace(text));
        for (const part of parts) {
          expect(part.trim()).toBe(part);
          expect(part).not.toBe('');
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(bytes);
          expect(encodeURIComponent(part).length).toBeLessThanOrEqual(encoded);
        }
      }),
    );
  });

  test('a part ends in the middle of a sentence only if no sentence ends in it', () => {
    const sentence = fc.constantFrom('One two.', 'Is it?', 'A longer sentence of words.', 'no end', 'Go on!');
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 20 }), limit, (sentences, most) => {
        const parts = speechParts(sentences.join(' '), atMostCharacters(most));
        for (const part of parts.slice(0, -1)) {
          if (!/[.?!]$/.test(part)) expect(part).not.toMatch(/[.?!]\s/);
        }
      }),
    );
  });

  test('no text blocks the server: the time for 100,000 characters of any kind grows only with their number', () => {
    for (const piece of ['a', '”', '。', 'a. ', ' ']) {
      const startedAt = process.cpuUsage();
      speechParts(`Hi. ${piece.repeat(100_000 / piece.length)}`, atMostBytes(3000), atMostEncoded(4500));
      expect(process.cpuUsage(startedAt).user / 1000).toBeLessThan(3000);
    }
  });
});
