import {
  fieldText,
  parseJsonField,
  readEnvironmentField,
  readIdField,
  readPhoneNumberField,
  readTriggerReferenceField,
} from '@dograh-trigger/shared';
import { caughtFrom } from '../../support/caught';

const agentUuid = '7b1f0c52-53a4-4d0e-9a5e-0d6a3f3c1a11';

test.each<[unknown, string]>([
  [' a ', 'a'],
  [42, '42'],
  [null, ''],
  [undefined, ''],
  [{ value: 'a' }, ''],
  [true, ''],
])('the text of %j is %j', (value, text) => {
  expect(fieldText(value)).toBe(text);
});

test('a phone number is cleaned to E.164', () => {
  expect(readPhoneNumberField('00 1 (415) 555-0100')).toBe('+14155550100');
});

test('an environment is one of the two', () => {
  expect(readEnvironmentField('production', 'choose')).toBe('production');
  expect(readEnvironmentField(' test ', 'choose')).toBe('test');
});

test('an agent is read from a trigger URL of the given environment, and from a path without an environment', () => {
  const url = `https://dograh.test/api/v1/public/agent/test/${agentUuid}`;
  expect(readTriggerReferenceField(url, 'test', 'choose')).toEqual({ triggerUuid: agentUuid });
  expect(readTriggerReferenceField(`workflow/${agentUuid}`, 'test', 'choose')).toEqual({ agentUuid });
});

test('an id is a whole number, and an empty field has none', () => {
  expect(readIdField('Run ID', '42', 'enter a number')).toBe(42);
  expect(readIdField('Run ID', 42, 'enter a number')).toBe(42);
  expect(readIdField('Run ID', ' ', 'enter a number')).toBeUndefined();
});

test.each<[string, () => unknown, string]>([
  ['a phone number, with the reason', () => readPhoneNumberField('x', 'To'), 'To: The phone number has char'],
  ['an environment, with the advice', () => readEnvironmentField('prod', 'choose'), 'Environment: choose'],
  ['an agent, with the advice', () => readTriggerReferenceField('a b', 'test', 'choose'), 'Agent: choose'],
  [
    'a URL of the other environment, with both names',
    () => readTriggerReferenceField(`https://dograh.test/public/agent/${agentUuid}`, 'test', 'choose'),
    'Agent: this is the production URL, but Environment is set to test; change one of them',
  ],
  ...['0', '-1', '1.5', '1e3', '1234567890123456', 'x'].map((id): [string, () => unknown, string] => [
    `the id ${id}, with the advice`,
    () => readIdField('Caller ID', id, 'enter a number'),
    'Caller ID: enter a number',
  ]),
])('the error names the field: %s', (_, read, message) => {
  expect(caughtFrom(read)).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining(message),
  });
});

test('JSON text is parsed, blank text is undefined, and any other value stays unchanged', () => {
  const given = { a: 1 };
  expect(parseJsonField('Variables', '{"a": [1]}')).toEqual({ a: [1] });
  expect(parseJsonField('Variables', ' ')).toBeUndefined();
  expect(parseJsonField('Variables', given)).toBe(given);
});

test('the error for text that is not JSON names the field and does not quote the text', () => {
  const refused = caughtFrom(() => parseJsonField('Variables', '{diagnosis: secret}'));
  expect(refused).toMatchObject({
    code: 'invalid_input',
    message: 'Variables: this is not JSON; put names and texts in double quotes, with no comma at the end',
  });
  expect(refused.cause).toBeUndefined();
});

test('a whole number in JSON keeps all its digits', () => {
  const text =
    '{"id": 12345678901234567890, "small": 42, "half": 0.1234567890123456789, "text": "say \\"12345678901234567890\\""}';
  expect(parseJsonField('Variables', text)).toEqual({
    id: '12345678901234567890',
    small: 42,
    half: 0.12345678901234568,
    text: 'say "12345678901234567890"',
  });
});

test('the error for a raw line break in JSON says so', () => {
  const refused = caughtFrom(() => parseJsonField('Variables', '{"note": "first\nsecond"}'));
  expect(refused).toMatchObject({
    code: 'invalid_input',
    message: 'Variables: a text in this JSON has a line break or a tab in it; write \\n or \\t in its place',
  });
});
