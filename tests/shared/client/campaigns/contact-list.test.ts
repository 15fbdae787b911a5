import * as fc from 'fast-check';
import { writeContactList, type Contact } from '@dograh-trigger/shared';
import { readCsv } from '../../../../trigger-server/src/csv/read-csv';
import { caughtFrom } from '../../../support/caught';

const limits = { cellCharacters: 10_000, columns: 200 };

async function readRows(csv: string) {
  const rows = [];
  // One byte at a time, as far as the reader knows.
  async function* chunks() {
    await Promise.resolve();
    yield Buffer.from(csv);
  }
  for await (const part of readCsv(chunks(), limits)) rows.push(...part);
  return rows;
}

function contact(phoneNumber: unknown, values: Contact['values'] = {}): Contact {
  return { phoneNumber, values };
}

test('each number has one row, in E.164, with a cell for every name', () => {
  const list = writeContactList([
    contact('+1 (415) 555-0100', { first_name: 'Jane', amount: 12.5, vip: true }),
    contact('0043 1 234567', { first_name: 'Say "hi", Bo', tags: ['a', 'b'], amount: null }),
  ]);
  expect(list.csv).toBe(
    [
      '"phone_number","first_name","amount","vip","tags"',
      '"+14155550100","Jane","12.5","true",""',
      '"+431234567","Say ""hi"", Bo","","","[""a"",""b""]"',
      '',
    ].join('\r\n'),
  );
  expect(list).toMatchObject({ count: 2, skipped: [] });
});

test('a contact without a number that can be called is left out with the reason, and so is the second one of a number', () => {
  const list = writeContactList([
    contact(''),
    contact('+14155550100'),
    contact('12'),
    contact('+1 415 555 0100'),
  ]);
  expect(list.count).toBe(1);
  expect(list.skipped).toEqual([
    { index: 0, code: 'no_number', detail: expect.stringContaining('The phone number is empty') as string },
    { index: 2, code: 'invalid_number', detail: expect.stringContaining('must begin with +') as string },
    { index: 3, code: 'repeated_number', detail: 'An earlier contact has the same phone number.' },
  ]);
});

test('a number without + is of the given country', () => {
  expect(writeContactList([contact('(415) 555-0100')], 'US').csv).toContain('"+14155550100"');
});

test('a number from a spreadsheet column is its digits', () => {
  expect(writeContactList([contact(4155550100)], 'US').csv).toContain('"+14155550100"');
});

test('the server’s own number takes the place of a value with that name', () => {
  const { csv } = writeContactList([contact('+14155550100', { Phone_Number: '12', city: 'Pune' })]);
  expect(csv).toBe('"phone_number","city"\r\n"+14155550100","Pune"\r\n');
});

test.each([
  [{ Name: 'a', name: 'b' }, 'Name and name are the same'],
  [{ ' ': 'a' }, 'a value has no name'],
  [{ provider: 'a' }, 'the name provider belongs to the server'],
  [{ Workflow_UUID: 'a' }, 'the name Workflow_UUID belongs to the server'],
])('names that a server does not take are refused in words: %j', (values, words) => {
  const failure = caughtFrom(() => writeContactList([contact('+14155550100', values)]));
  expect(failure).toMatchObject({ code: 'invalid_input', message: expect.stringContaining(words) as string });
});

test('whatever texts the contacts have, the server reads them back, and its lines lead to the contacts', async () => {
  const text = fc.string({ maxLength: 30 }).filter((value) => !/^['=]/.test(value) && value.isWellFormed());
  const texts = fc.array(fc.record({ note: text, other: text }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(texts, fc.nat(7), async (values, badAt) => {
      const contacts = values.map((value, index) =>
        contact(index === badAt ? 'none' : `+1415555010${String(index)}`, value),
      );
      const list = writeContactList(contacts);
      const [, ...rows] = await readRows(list.csv);
      const called = contacts.flatMap(({ phoneNumber, values: { note, other } }, index) =>
        index === badAt ? [] : [{ index, cells: [phoneNumber, note, other] }],
      );
      expect(rows.map(({ line, cells }) => ({ index: list.indexOfLine(line), cells }))).toEqual(called);
    }),
  );
});
