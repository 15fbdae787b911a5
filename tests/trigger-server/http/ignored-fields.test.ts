/** `Ignored-Fields`: arbitrary names in a header, which is limited in length and in characters. */
import { validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { boundedNames, ignoredFieldsHeader } from '../../../trigger-server/src/http/body/ignored-fields';

test('nothing ignored, no header', () => {
  expect(ignoredFieldsHeader([])).toBeNull();
});

test('names are percent-encoded, so that a receiver splits at commas and decodes', () => {
  const names = ['customer', 'a, b', 'Straße', '📞', 'line\r\nbreak', 'nul\0', '100%'];
  const header = ignoredFieldsHeader(names);
  expect(header).toBe('customer, a%2C%20b, Stra%C3%9Fe, %F0%9F%93%9E, line%0D%0Abreak, nul%00, 100%25');
  expect(header?.split(', ').map(decodeURIComponent)).toEqual(names);
});

test('of more than 20 names the first 20 are listed, followed by …', () => {
  const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
  expect(boundedNames(names)).toEqual([...names.slice(0, 20), '…']);
  expect(boundedNames(names.slice(0, 20))).toEqual(names.slice(0, 20));
});

test('a long name is cut at 64 characters', () => {
  expect(boundedNames(['x'.repeat(1_000_000)])).toEqual([`${'x'.repeat(64)}…`]);
});

test('whatever the names are, the header can be set, has 1 kB at most, and names the first one', () => {
  const anyName = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 100 })
      .map((units) => String.fromCharCode(...units)),
  );
  fc.assert(
    fc.property(fc.array(anyName, { minLength: 1, maxLength: 40 }), (names) => {
      const header = ignoredFieldsHeader(names) ?? '';
      validateHeaderValue('Ignored-Fields', header);
      expect(Buffer.byteLength(header)).toBeLessThanOrEqual(1024);
      const listed = header.split(', ').map(decodeURIComponent);
      expect(listed.length).toBeLessThanOrEqual(21);
      expect(listed[0]).toBe(boundedNames(names)[0]);
      // The run stores the bounded names. They result in the same header.
      expect(ignoredFieldsHeader(boundedNames(names))).toBe(header);
    }),
    { numRuns: 500 },
  );
});
