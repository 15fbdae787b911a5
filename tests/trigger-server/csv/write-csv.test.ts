import * as fc from 'fast-check';
import { csvLine } from '../../../trigger-server/src/csv/write-csv';

/** Reads one line of CSV as a spreadsheet does (RFC 4180). */
function readLine(line: string): string[] {
  const cells = `${line.slice(0, -2)},`.matchAll(/("(?:[^"]|"")*"|[^,"]*),/g);
  return [...cells].map(([, cell = '']) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  );
}

test('every cell is read back unchanged, except for an apostrophe before a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 2 }), (cells) => {
      const read = readLine(csvLine(cells));
      expect(read.map((cell, index) => (cell === `'${cells[index]!}` ? cells[index] : cell))).toEqual(cells);
    }),
  );
});

test.each(['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1+1', '+14155550100;', '-', '+'])(
  '%j begins with an apostrophe, so that no spreadsheet computes it',
  (cell) => {
    expect(readLine(csvLine([cell, '']))).toEqual([`'${cell}`, '']);
  },
);

test.each(['+14155550100', '-5', '42.5', "it's 1=1", 'user_hangup', ''])('%j stays as it is', (cell) => {
  expect(csvLine([cell, 1])).toBe(`${cell},1\r\n`);
});
