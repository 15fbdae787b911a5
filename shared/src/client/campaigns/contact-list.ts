/** Contacts as the CSV file that a campaign is made of. */
import type { SkippedRow } from '../../contracts';
import { cleanPhoneNumber } from '../../forms/phone-number';
import { fieldRefusal, fieldText } from '../../forms/input-fields';
import { reservedNames } from '../../forms/reserved-names';

export interface Contact {
  /** As people write it. */
  phoneNumber: unknown;
  /** What the agent's texts use, by name. Text and numbers are sent as they are, anything else as JSON. */
  values: Readonly<Record<string, unknown>>;
}

/** A contact that is not in the file. */
export interface SkippedContact {
  /** Of the contact among those given, counted from 0. */
  index: number;
  code: SkippedRow['code'];
  /** What to change. */
  detail: string;
}

export interface ContactList {
  csv: string;
  /** Contacts of the file. */
  count: number;
  skipped: SkippedContact[];
  /** The contact of a line that a server names, among those given, counted from 0. */
  indexOfLine: (line: number) => number | undefined;
}

/** The column that Dograh reads the number from. */
const numberColumn = 'phone_number';

/**
 * Writes one row for each number that can be called: a number that comes twice gets one. A value named `phone_number`
 * is left out, because the server has the called number under that name.
 *
 * @param country the country of a number without `+`, as an ISO 3166 code (default: such a number is skipped).
 * @throws TriggerError `invalid_input` for a name that a server does not take.
 */
export function writeContactList(contacts: readonly Contact[], country?: string): ContactList {
  const names = readNames(contacts);
  const skipped: SkippedContact[] = [];
  const numbers = new Set<string>();
  const indexes = new Map<number, number>();
  const rows = [rowOf([numberColumn, ...names])];
  let line = 1 + lineBreaks(rows[0]);
  for (const [index, { phoneNumber, values }] of contacts.entries()) {
    const text = fieldText(phoneNumber);
    const check = cleanPhoneNumber(text, country);
    if (!check.ok) {
      const code = text === '' ? 'no_number' : 'invalid_number';
      skipped.push({ index, code, detail: check.reason });
      continue;
    }
    if (numbers.has(check.e164)) {
      const detail = 'An earlier contact has the same phone number.';
      skipped.push({ index, code: 'repeated_number', detail });
      continue;
    }
    numbers.add(check.e164);
    const row = rowOf([check.e164, ...names.map((name) => cellText(values[name]))]);
    line += 1;
    indexes.set(line, index);
    line += lineBreaks(row);
    rows.push(row);
  }
  return {
    csv: rows.map((row) => `${row}\r\n`).join(''),
    count: numbers.size,
    skipped,
    indexOfLine: (of) => indexes.get(of),
  };
}

/** @throws TriggerError `invalid_input` */
function readNames(contacts: readonly Contact[]): string[] {
  const names = new Set(contacts.flatMap(({ values }) => Object.keys(values)));
  /** Servers compare names without spaces around them, in lower case. */
  const spellings = new Map<string, string>();
  for (const name of names) {
    const known = name.trim().toLowerCase();
    const other = spellings.get(known);
    if (known === '') throw fieldRefusal('Variables', 'a value has no name; enter one');
    if (known === '__proto__' || reservedNames.has(known)) {
      throw fieldRefusal('Variables', `the name ${name} belongs to the server; choose another name`);
    }
    if (other !== undefined) {
      throw fieldRefusal(
        'Variables',
        `a campaign knows names in lower case only, so ${other} and ${name} are the same; rename one`,
      );
    }
    spellings.set(known, name);
  }
  spellings.delete(numberColumn);
  return [...spellings.values()];
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function rowOf(cells: readonly string[]): string {
  return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
}

function lineBreaks(row = ''): number {
  return row.split('\n').length - 1;
}
