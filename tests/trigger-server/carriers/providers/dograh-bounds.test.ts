/** Results of any size, which agents at Dograh and the people they talk to decide. */
import {
  cutLines,
  cutObject,
  Omissions,
} from '../../../../trigger-server/src/carriers/providers/dograh/bounds';

const cut = (value: object) => {
  const omissions = new Omissions();
  const kept = cutObject(value as never, 'gathered_context', omissions, ['extracted_variables']);
  return { kept, omitted: omissions.names() };
};

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

test('results of a usual size are kept whole', () => {
  const value = { day: 'Monday', list: [1, { two: null }], extracted_variables: { day: 'Monday' } };
  expect(cut(value)).toEqual({ kept: value, omitted: [] });
});

test('a value that is too long or too deep is left out and named, and the others are kept', () => {
  const long = 'x'.repeat(40_000);
  const value = { day: 'Monday', long, deep: nested(10_000), extracted_variables: { day: 'Monday', long } };
  expect(cut(value)).toEqual({
    kept: { day: 'Monday', extracted_variables: { day: 'Monday' } },
    omitted: ['gathered_context.long', 'gathered_context.deep', 'gathered_context.extracted_variables.long'],
  });
});

test('of any number of values a bounded part is kept, and a bounded number of names', () => {
  const value = Object.fromEntries(
    Array.from({ length: 50_000 }, (_, index) => [`key${String(index)}`, index]),
  );
  const { kept, omitted } = cut(value);
  expect(Object.keys(kept)).toHaveLength(500);
  expect(omitted).toHaveLength(21);
  expect(omitted.at(-1)).toBe('and 49480 more');
});

test('all values together have a limit', () => {
  const value = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`key${String(index)}`, 'x'.repeat(20_000)]),
  );
  expect(JSON.stringify(cut(value).kept).length).toBeLessThan(140_000);
});

test('a transcript keeps whole lines', () => {
  const lines = (text: string, isCut: boolean) => {
    const omissions = new Omissions();
    return { text: cutLines(text, isCut, omissions), omitted: omissions.names() };
  };
  expect(lines('user: a\nuser: b', false)).toEqual({ text: 'user: a\nuser: b', omitted: [] });
  expect(lines('user: a\nuser: b', true)).toEqual({
    text: 'user: a\n',
    omitted: ['the transcript after its line 1'],
  });
  expect(lines('a\n'.repeat(6000), false)).toEqual({
    text: 'a\n'.repeat(5000),
    omitted: ['the transcript after its line 5000'],
  });
});
