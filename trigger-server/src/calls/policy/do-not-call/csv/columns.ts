/** The columns of a do-not-call list as CSV: those that are written, and those that are read, by the names in the first row. */
import { addToDoNotCallRequest, type AddToDoNotCallRequest } from '@dograh-trigger/shared';
import { boundedNames } from '../../../../http/body/ignored-fields';
import { validate } from '../../../../http/validation';
import { invalidPlace, type Problem } from '../../../../problem';
import { readListedNumber } from '../../destination';
import type { DoNotCallRow } from '../store';

export const writtenColumns = ['number', 'source', 'reason', 'until', 'run_id', 'added_at'] as const;

export function cellsOf(row: DoNotCallRow): (string | number)[] {
  return writtenColumns.map((name) => row[name] ?? '');
}

/** Names of the column with the numbers, in lower case, without spaces, hyphens and underscores. */
const namesOfNumbers: ReadonlySet<string> = new Set([
  ...['number', 'phone', 'phonenumber', 'telephone', 'telephonenumber', 'mobile', 'mobilenumber'],
]);
const contentColumns = ['source', 'reason', 'until'] as const;

/** Where each column is, counted from 0. */
export interface Columns {
  number: number;
  content: Partial<Record<(typeof contentColumns)[number], number>>;
  /** Of all columns. Without names the file has one. */
  count: number;
  /** Names of columns that are not read, bounded. */
  ignored: string[];
  /** Whether the first row names the columns. Else it is the first number of a file that has nothing but numbers. */
  isNamed: boolean;
}

/** @throws Problem unprocessable where the numbers are in no column, or in one of several. */
export function columnsOf(first: readonly string[]): Columns {
  const names = first.map((cell) => cell.toLowerCase().replace(/[\s_-]/g, ''));
  const places = (isMeant: (name: string) => boolean) =>
    names.flatMap((name, place) => (isMeant(name) ? [place] : []));
  const [number, ...others] = places((name) => namesOfNumbers.has(name));
  if (number === undefined) {
    const [only = '', ...further] = first;
    if (further.length === 0 && /\d/.test(only)) {
      return { number: 0, content: {}, count: 1, ignored: [], isNamed: false };
    }
    throw wrongFile(
      'The first row must name the columns: number, and where the file has them source, reason and until. A file with nothing but numbers needs no such row.',
    );
  }
  const content: Columns['content'] = {};
  for (const name of contentColumns) {
    const [place, ...more] = places((other) => other === name);
    if (place !== undefined) content[name] = place;
    others.push(...more);
  }
  if (others.length > 0) {
    throw wrongFile('Two columns of the file have the same meaning: rename or remove one of them.');
  }
  const isRead = new Set([number, ...Object.values(content)]);
  return {
    number,
    content,
    count: first.length,
    ignored: boundedNames(first.filter((name, place) => !isRead.has(place) && name.trim() !== '')),
    isNamed: true,
  };
}

/** What a row says, or why it cannot be added. */
export type ReadRow =
  { ok: true; number: string; content: AddToDoNotCallRequest } | { ok: false; reason: string };

export function readRow(columns: Columns, cells: readonly string[]): ReadRow {
  // A separator that was not quoted moves all cells after it into other columns.
  if (cells.slice(columns.count).some((cell) => cell.trim() !== '')) {
    return {
      ok: false,
      reason:
        'The row has more values than the file has columns. Put quotation marks around a value with a separator.',
    };
  }
  const text = cells[columns.number] ?? '';
  if (text.trim() === '') return { ok: false, reason: 'The row has no phone number.' };
  const number = readListedNumber(text);
  if (!number.ok) return number;
  const content: Partial<Record<string, string>> = {};
  for (const name of contentColumns) {
    const value = (cells[columns.content[name] ?? -1] ?? '').trim();
    if (value !== '') content[name] = value;
  }
  return { ok: true, number: number.e164, content: validate(addToDoNotCallRequest, content, 'body') };
}

export function wrongFile(msg: string): Problem {
  return invalidPlace({ type: 'csv', loc: ['body'], msg, input: null });
}
