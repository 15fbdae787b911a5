/** CSV as people have it. */
import * as fc from 'fast-check';
import { readCsv, type CsvRow } from '../../../trigger-server/src/csv/read-csv';
import { csvLine } from '../../../trigger-server/src/csv/write-csv';

const limits = { cellCharacters: 1000, columns: 50 };

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

async function rowsOf(file: string | Uint8Array, size = 65_536): Promise<CsvRow[]> {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const rows: CsvRow[] = [];
  for await (const part of readCsv(pieces(bytes, size), limits)) rows.push(...part);
  return rows;
}

const cellsOf = async (file: string | Uint8Array, size?: number) =>
  (await rowsOf(file, size)).map(({ cells }) => cells);

test.each<[string, string, string[][]]>([
  [
    'commas',
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'semicolons',
    'a;b\n1,5;2\n',
    [
      ['a', 'b'],
      ['1,5', '2'],
    ],
  ],
  [
    'tabs',
    'a\tb\n1\t2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'the separator that Excel names',
    'sep=;\r\na;b\r\n1;2\r\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'separators inside of quotation marks',
    '"a;a;a",b\n1,2\n',
    [
      ['a;a;a', 'b'],
      ['1', '2'],
    ],
  ],
  ['one column', 'number\n+14155550100\n', [['number'], ['+14155550100']]],
  ['a byte-order mark', '\u{feff}a,b\n', [['a', 'b']]],
  [
    'line breaks of Windows',
    'a,b\r\n1,2\r\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'line breaks of old Macs',
    'a,b\r1,2\r',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'no line break at the end',
    'a,b\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'line breaks inside of quotation marks',
    'a,b\n"1\r\n2",3\n',
    [
      ['a', 'b'],
      ['1\r\n2', '3'],
    ],
  ],
  ['quotation marks inside of them', 'a\n"say ""hi"""\n', [['a'], ['say "hi"']]],
  ['a quotation mark inside of a plain text', 'a\n5" pipe\n', [['a'], ['5" pipe']]],
  [
    'empty rows',
    'a,b\n\n,\n  ,\n1,2\n\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'empty cells',
    'a,,\n,b,\n',
    [
      ['a', '', ''],
      ['', 'b', ''],
    ],
  ],
  ['apostrophes of spreadsheets', "a\n'+14155550100\n'=1\n's\n", [['a'], ['+14155550100'], ['=1'], ["'s"]]],
  [
    'texts that Excel keeps by a formula',
    'a,b\n="+1415","=""0049"""\n',
    [
      ['a', 'b'],
      ['+1415', '0049'],
    ],
  ],
  ['umlauts and emoji', 'a\nGrüße 😀\n', [['a'], ['Grüße 😀']]],
  ['nothing', '', []],
])('reads %s, however the bytes arrive', async (_what, file, expected) => {
  for (const size of [1, 2, 3, 7, 65_536]) expect(await cellsOf(file, size)).toEqual(expected);
});

test('names the line on which a row begins', async () => {
  const rows = await rowsOf('a,b\r\n"1\r\n2",3\r\n\r\n4,5\r\n');
  expect(rows.map(({ line, cells }) => [line, cells[0]])).toEqual([
    [1, 'a'],
    [2, '1\r\n2'],
    [5, '4'],
  ]);
});

test.each<[string, string | Uint8Array, string]>([
  [
    'UTF-16',
    Buffer.from('\u{feff}a,b', 'utf16le'),
    'The file is in UTF-16. Save it as “CSV UTF-8”, and send it again.',
  ],
  ['Windows-1252', Buffer.from('a\nGr\xfc\xdfe\n', 'latin1'), 'The file is not in UTF-8.'],
  [
    'a file that ends in the middle of a character',
    Buffer.from('a\nü').subarray(0, 3),
    'The file is not in UTF-8.',
  ],
  [
    'a quotation mark that is never closed',
    'a,b\n1,2\n"3,4\n5,6\n',
    'Line 3 of the file cannot be read: A quotation mark in it is never closed.',
  ],
  [
    'a cell that is too long',
    `a\n"${'x\n'.repeat(501)}"\n`,
    'Line 2 of the file cannot be read: A cell in it has more than 1,000 characters',
  ],
  [
    'too many columns',
    `a\n${','.repeat(50)}\n`,
    'Line 2 of the file cannot be read: It has more than 50 columns.',
  ],
])('says what is wrong with %s', async (_what, file, words) => {
  await expect(rowsOf(file)).rejects.toThrow(words);
});

test('what was written is read back, except for an apostrophe that was there before a formula', async () => {
  const text = fc
    .string({ unit: 'binary' })
    .filter((cell) => !/^'[=+\-@\t\r\n＝＋－＠]/.test(cell) && cell.isWellFormed());
  const row = fc
    .array(text, { minLength: 2, maxLength: 5 })
    .filter((cells) => cells.some((cell) => cell.trim() !== ''));
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), async (rows, size) => {
      const header = ['a', 'b'];
      const file = [header, ...rows].map((cells) => csvLine(cells)).join('');
      const formula = (cell: string) => /^="(.*)"$/.exec(cell)?.[1] ?? cell;
      expect(await cellsOf(file, size)).toEqual([header, ...rows.map((cells) => cells.map(formula))]);
    }),
  );
});

test('any bytes are read to their end or refused, and nothing else happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      await rowsOf(bytes, 16).catch((error: unknown) => {
        expect(error).toMatchObject({ name: 'CsvFault' });
      });
    }),
  );
});
