/** The hash of marks, which has to be the same in a browser and in Node. */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { sha256OfText } from '../../../shared/src/client/sha256';

const nodes = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

test('is that of Node for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(sha256OfText(text)).toBe(nodes(text));
    }),
  );
});

test('is that of Node for every length around the end of a block', () => {
  for (let length = 0; length <= 130; length += 1) {
    const text = 'a'.repeat(length);
    expect(sha256OfText(text)).toBe(nodes(text));
  }
});
