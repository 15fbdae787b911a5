/** The address of a tool's request, as Dograh renders it; whatever the values are, it stays on the host of the template. */
import { renderTemplate, renderUrl, type JsonObject } from '@dograh-trigger/shared';
import fc from 'fast-check';

const now = new Date('2026-08-22T03:04:05.678Z');
const render = (template: string, context: JsonObject = {}) => renderUrl(template, context, now);

test('R9: a value is percent-encoded', () => {
  expect(render('https://x.test/{{id}}', { id: 'a b/c' })).toBe('https://x.test/a%20b%2Fc');
});

test.each<[string, string, JsonObject]>([
  ['missing', 'https://x.test/{{id}}', {}],
  ['empty', 'https://x.test/{{id}}', { id: '' }],
  ['null', 'https://x.test/{{id}}', { id: null }],
  ['an object', 'https://x.test/{{id}}', { id: { a: 1 } }],
  ['a list', 'https://x.test/{{id}}', { id: [1] }],
])('R9: a value that is %s is an error', (_, template, context) => {
  expect(() => render(template, context)).toThrow(RangeError);
});

test('R9: a brace without its counterpart is an error', () => {
  expect(() => render('https://x.test/{{id', { id: '1' })).toThrow(
    'A brace of the address has no counterpart',
  );
  expect(() => render('https://x.test/id}}', { id: '1' })).toThrow(
    'A brace of the address has no counterpart',
  );
});

test('R9: a fallback stands for a missing value', () => {
  expect(render('https://x.test/{{id|7}}')).toBe('https://x.test/7');
});

test('a boolean is in lower case, a clock name has its value', () => {
  expect(render('https://x.test/{{on}}/{{current_weekday}}', { on: true })).toBe(
    'https://x.test/true/Saturday',
  );
});

test.each([
  ['https://x.test/people/{{id}}/delete', '..'],
  ['https://x.test/people/{{id}}/delete', '.'],
  ['https://x.test/people/{{id}}%2e/delete', '.'],
  ['https://x.test/people/{{id}}{{id}}/delete', '.'],
])('%s: the value %s does not lead to another path', (template, id) => {
  expect(() => render(template, { id })).toThrow('A value would lead to another path of the address');
});

test('no value changes the host, the path before it or the parameters after it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (id) => {
      fc.pre(id !== '.' && id !== '..');
      const url = new URL(render('https://x.test/people/{{id}}?page={{id}}&all=1', { id }));
      expect(url.host).toBe('x.test');
      expect(url.pathname.split('/').slice(0, 2)).toEqual(['', 'people']);
      expect(url.pathname.split('/')).toHaveLength(3);
      expect([...url.searchParams]).toEqual([
        ['page', id.toWellFormed()],
        ['all', '1'],
      ]);
      expect(url.hash).toBe('');
    }),
  );
});

test('a body keeps the type of a value that is all of a text, and of no other', () => {
  const template = { n: '{{n}}', text: 'n={{n}}', list: ['{{o}}'], none: '{{none}}', other: '{{none|x}}' };
  const options = { now, keepsTypes: true } as const;
  expect(renderTemplate(template, { n: 3, o: { a: 1 } }, options)).toEqual({
    n: 3,
    text: 'n=3',
    list: [{ a: 1 }],
    none: '',
    other: 'x',
  });
});
