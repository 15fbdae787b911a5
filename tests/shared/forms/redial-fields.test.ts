/** The fields of a redial become the `retry` of a request. */
import { readRedialFields, type RedialFields } from '../../../shared/src/forms/redial-fields';

const fields: RedialFields = { attempts: 3, on: ['busy'], pauses: '15' };

test.each<[Partial<RedialFields>, object | undefined]>([
  [{ attempts: '' }, undefined],
  [{ attempts: 1 }, undefined],
  [{ attempts: '2' }, { max_attempts: 2, on: ['busy'], after: ['PT15M'] }],
  [{ pauses: 15 }, { max_attempts: 3, on: ['busy'], after: ['PT15M'] }],
  [{ pauses: '15, 120;1440' }, { max_attempts: 3, on: ['busy'], after: ['PT15M', 'PT120M', 'PT1440M'] }],
  [{ on: ['voicemail', 'busy', 'busy'] }, { max_attempts: 3, on: ['busy', 'voicemail'], after: ['PT15M'] }],
])('%j becomes %j', (changes, retry) => {
  expect(readRedialFields({ ...fields, ...changes })).toEqual(retry);
});

test.each<[Partial<RedialFields>, RegExp]>([
  [{ attempts: 11 }, /^Attempts: enter a whole number from 1 to 10/],
  [{ attempts: '2.5' }, /^Attempts: /],
  [{ attempts: 'two' }, /^Attempts: /],
  [{ on: [] }, /^Redial After: choose one or more/],
  [{ on: ['busy', 'failed'] }, /^Redial After: /],
  [{ pauses: '' }, /^Pauses: enter whole minutes/],
  [{ pauses: '0' }, /^Pauses: /],
  [{ pauses: 'PT15M' }, /^Pauses: /],
])('%j is refused in words', (changes, words) => {
  expect(() => readRedialFields({ ...fields, ...changes })).toThrow(words);
});
