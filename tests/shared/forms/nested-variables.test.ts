import { nestVariables, type JsonValue } from '@dograh-trigger/shared';
import { caughtFrom } from '../../support/caught';

test.each<[[string, JsonValue][], object]>([
  [[['name', 'Jane']], { name: 'Jane' }],
  [
    [
      ['user.name', 'Jane'],
      ['user.address.city', 'Graz'],
      ['day', null],
    ],
    { user: { name: 'Jane', address: { city: 'Graz' } }, day: null },
  ],
  [[['No.', 7]], { 'No.': 7 }],
  [[['user', { name: 'Jane' }]], { user: { name: 'Jane' } }],
])('%j becomes %j', (entries, object) => {
  expect(nestVariables('Variables', entries)).toEqual(object);
});

test('a name such as __proto__ is an ordinary name', () => {
  const variables = nestVariables('Variables', [['__proto__.polluted', true]]);
  expect(JSON.stringify(variables)).toBe('{"__proto__":{"polluted":true}}');
  expect(Object.keys({})).toEqual([]);
  expect('polluted' in {}).toBe(false);
});

test.each<[string, string]>([
  ['a', 'a'],
  ['user', 'user.name'],
  ['user.name', 'user'],
  ['user.name', 'user.name.first'],
])('%s beside %s is refused with the label and the name', (first, second) => {
  const entries: [string, JsonValue][] = [
    [first, 1],
    [second, 2],
  ];
  const error = caughtFrom(() => nestVariables('Variables', entries));
  expect(error.message).toMatch(`Variables: the name ${second} comes twice`);
});
