import {
  importInWords,
  sourceOfEntry,
} from '../../trigger-server/console/src/screens/guard/do-not-call/entry-words';

it('says what became of the rows of a file', () => {
  const none = { added: 0, prolonged: 0, unchanged: 0, skipped: 0 };
  expect(importInWords({ ...none, added: 1200 })).toBe('1,200 numbers were added.');
  expect(importInWords({ added: 1, prolonged: 1, unchanged: 2, skipped: 1 })).toBe(
    '1 number was added. 1 entry lasts longer now. 2 numbers were on the list already. 1 row was not added.',
  );
});

it('shows a source that a request named as it is', () => {
  expect(sourceOfEntry({ source: 'run' })).toBe('The person, in a call');
  expect(sourceOfEntry({ source: 'support desk' })).toBe('support desk');
  expect(sourceOfEntry({ source: 'constructor' })).toBe('constructor');
});
