/** Which rows of a campaign's file become contacts, and why the others do not. */
import * as fc from 'fast-check';
import {
  ContactReader,
  type RowVerdict,
} from '../../../../../trigger-server/src/calls/campaigns/source/contacts';

function readRows(header: string[], rows: string[][]): RowVerdict[] {
  const reader = new ContactReader(header);
  return rows.map((cells, index) => reader.read({ line: index + 2, cells }));
}

test('a call gets the cells of its row by the names of their columns', () => {
  const rows = readRows([' Phone_Number ', 'Name', 'city'], [['+1 (415) 555-0100', 'Jane']]);
  expect(rows).toEqual([
    {
      ok: true,
      contact: {
        line: 2,
        phoneNumber: '+14155550100',
        context: { phone_number: '+14155550100', name: 'Jane', city: '' },
      },
    },
  ]);
});

test('the columns of a greeting become the greeting of the call', () => {
  const header = ['phone_number', 'greeting_override_type', 'greeting_override_text'];
  const [withText, without] = readRows(header, [
    ['+14155550100', ' Text ', 'Hello Jane'],
    ['+14155550101', '', ''],
  ]);
  expect(withText).toMatchObject({
    contact: {
      context: { phone_number: '+14155550100', greeting_override: { type: 'text', text: 'Hello Jane' } },
    },
  });
  expect(without).toMatchObject({ contact: { context: { phone_number: '+14155550101' } } });
  expect(without).not.toHaveProperty('contact.context.greeting_override');
});

test('a recording at Dograh may be the greeting of a row', () => {
  const header = ['phone_number', 'greeting_override_type', 'greeting_override_recording_id'];
  expect(readRows(header, [['+14155550100', 'Audio', ' rec-7 ']])).toMatchObject([
    {
      contact: {
        context: {
          phone_number: '+14155550100',
          greeting_override: { type: 'audio', recording_id: 'rec-7' },
        },
      },
    },
  ]);
});

test.each<[string, string[], string, string]>([
  ['no number', ['  '], 'no_number', 'The row has no phone number.'],
  ['a number in scientific notation', ['1.41556E+10'], 'invalid_number', 'A spreadsheet has shortened'],
  ['a number without its country', ['4155550100'], 'invalid_number', 'must begin with +'],
  ['a number that no country has', ['+1415555'], 'invalid_number', 'No country has a phone number'],
  ['a value in a column without a name', ['+14155550100', '', '', 'x'], 'unnamed_cell', 'without a name'],
  ['a recording without its id', ['+14155550100', 'audio', ''], 'greeting', 'greeting_override_recording_id'],
  ['a greeting without text', ['+14155550100', 'text', ' '], 'greeting', 'greeting_override_text'],
  ['a greeting without its type', ['+14155550100', '', 'Hello'], 'greeting', 'greeting_override_type'],
])('a row with %s is left out, with the reason', (_what, cells, code, words) => {
  const header = ['phone_number', 'greeting_override_type', 'greeting_override_text', ''];
  expect(readRows(header, [cells])).toMatchObject([
    { ok: false, skipped: { line: 2, code, detail: expect.stringContaining(words) as string } },
  ]);
});

test('a number that stands twice in a file is called once, however it is written', () => {
  const [first, second] = readRows(['phone_number'], [['+14155550100'], ['001 415.555.0100']]);
  expect(first).toMatchObject({ ok: true });
  expect(second).toEqual({
    ok: false,
    phoneNumber: '+14155550100',
    skipped: { line: 3, code: 'repeated_number', detail: 'The row has the phone number of line 2.' },
  });
});

test('a number in a row that is left out for another reason may be called by a later row', () => {
  const [first, second] = readRows(['phone_number', ''], [['+14155550100', 'x'], ['+14155550100']]);
  expect(first).toMatchObject({ ok: false, skipped: { code: 'unnamed_cell' } });
  expect(second).toMatchObject({ ok: true });
});

test.each([
  ['no column with numbers', ['phone', 'name'], "Source must contain a 'phone_number' column"],
  ['two columns of one name', ['phone_number', 'Name', 'name'], 'have the same name'],
  ['a column named __proto__', ['phone_number', '__proto__'], '__proto__: rename it'],
])('a file with %s is refused', (_what, header, words) => {
  expect(() => new ContactReader(header)).toThrow(words);
});

test('whatever the cells are, each row is one contact or one reason, and no number is there twice', () => {
  const number = fc.oneof(
    fc.constantFrom('+14155550100', '+14155550101', '+442079460000', '+999'),
    fc.string(),
  );
  const row = fc.tuple(number, fc.string(), fc.string()).map((cells) => [...cells]);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const verdicts = readRows(['phone_number', 'name', 'constructor'], rows);
      const numbers = verdicts.flatMap((verdict) => (verdict.ok ? [verdict.contact.phoneNumber] : []));
      const lines = verdicts.map((verdict) => (verdict.ok ? verdict.contact.line : verdict.skipped.line));
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(lines).toEqual(rows.map((_row, index) => index + 2));
    }),
  );
});

test('a reason contains no text of the file', () => {
  // 00 and a country code would be a number.
  fc.assert(
    fc.property(fc.stringMatching(/^[1-9][0-9]{5,19}$/), (digits) => {
      const [verdict] = readRows(['phone_number'], [[digits]]);
      expect(verdict).toMatchObject({ ok: false });
      expect(JSON.stringify(verdict)).not.toContain(digits);
    }),
  );
});
