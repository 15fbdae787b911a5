/** Whom a campaign calls: the contacts in the rows of its file, and the rows that are left out, with their reasons. */
import { cleanPhoneNumber, type JsonObject, type SkippedRow } from '@dograh-trigger/shared';
import { greetingOverride, isRecordedGreeting } from '../../../agents/greeting';
import { Problem } from '../../../problem';
import { parseDestination } from '../../policy/destination';

export interface FileRow {
  /** Of its first line in the file, counted from 1. */
  line: number;
  cells: readonly string[];
}

export interface Contact {
  line: number;
  /** E.164. */
  phoneNumber: string;
  /** The cells of the row by the names of their columns, as Dograh passes them to a call. */
  context: JsonObject;
}

/** @property phoneNumber of a skipped row: E.164; null where it has none that can be read. */
export type RowVerdict =
  { ok: true; contact: Contact } | { ok: false; skipped: SkippedRow; phoneNumber: string | null };

const numberColumn = 'phone_number';
/** Dograh's columns for the greeting of one call (`_build_context_variables` in its `sources/csv.py`). */
export const greetingColumns = {
  type: 'greeting_override_type',
  text: 'greeting_override_text',
  recordingId: 'greeting_override_recording_id',
} as const;

/** The type of a greeting that is a recording at Dograh. */
export const recordedType = 'audio';

/** Reads the rows of one file, in order. It holds the numbers that it has read, and nothing else of the file. */
export class ContactReader {
  private readonly names: readonly string[];
  private readonly numberAt: number;
  /** The line of each number. As an integer: 15 digits fit, and take a fraction of a string's memory. */
  private readonly lines = new Map<number, number>();

  /**
   * @param header the cells of the first row. Names are compared without surrounding spaces, in lower case.
   * @throws Problem bad_request when no column has the numbers, with Dograh's words, or when a name cannot be used.
   */
  constructor(header: readonly string[]) {
    this.names = header.map((name) => name.trim().toLowerCase());
    this.numberAt = this.names.indexOf(numberColumn);
    if (this.numberAt === -1) {
      throw new Problem('bad_request', `Source must contain a '${numberColumn}' column`);
    }
    const named = this.names.filter((name) => name !== '');
    if (new Set(named).size < named.length) {
      throw new Problem(
        'bad_request',
        'Two columns of the file have the same name: rename one, because a call gets one value for each name.',
      );
    }
    if (named.includes('__proto__')) {
      throw new Problem('bad_request', 'A column of the file has the name __proto__: rename it.');
    }
  }

  read({ line, cells }: FileRow): RowVerdict {
    const skip = (
      code: SkippedRow['code'],
      detail: string,
      phoneNumber: string | null = null,
    ): RowVerdict => ({
      ok: false,
      skipped: { line, code, detail },
      phoneNumber,
    });
    // A separator that was not quoted moves all cells after it into wrong columns.
    if (cells.some((cell, at) => (this.names[at] ?? '') === '' && cell.trim() !== '')) {
      return skip(
        'unnamed_cell',
        'The row has a value in a column without a name. Put quotation marks around a value with a separator, or name the column.',
      );
    }
    const text = cells[this.numberAt] ?? '';
    if (text.trim() === '') return skip('no_number', 'The row has no phone number.');
    const number = readNumber(text);
    if (!number.ok) return skip('invalid_number', number.reason);
    const context = this.contextOf(cells, number.e164);
    if (context === null) {
      return skip(
        'greeting',
        `The greeting of the row cannot be spoken or played: write text in ${greetingColumns.type} and the greeting in ${greetingColumns.text}; or, for an agent whose calls a Dograh holds, audio and the id of the recording there in ${greetingColumns.recordingId}.`,
        number.e164,
      );
    }
    const digits = Number(number.e164.slice(1));
    const earlier = this.lines.get(digits);
    if (earlier !== undefined) {
      const words = `The row has the phone number of line ${String(earlier)}.`;
      return skip('repeated_number', words, number.e164);
    }
    this.lines.set(digits, line);
    return { ok: true, contact: { line, phoneNumber: number.e164, context } };
  }

  /** What the call of a row gets. Null when the row asks for a greeting that nobody can speak or play. */
  contextOf(cells: readonly string[], e164: string): JsonObject | null {
    const values = new Map(this.names.flatMap((name, at) => (name === '' ? [] : [[name, cells[at] ?? '']])));
    values.set(numberColumn, e164);
    const take = (name: string) => {
      const value = values.get(name) ?? '';
      values.delete(name);
      return value.trim();
    };
    const type = take(greetingColumns.type).toLowerCase();
    const text = take(greetingColumns.text);
    const recordingId = take(greetingColumns.recordingId);
    const context: JsonObject = Object.fromEntries(values);
    if (type === '' && text === '' && recordingId === '') return context;
    context.greeting_override = type === recordedType ? { type, recording_id: recordingId } : { type, text };
    // A greeting without text would be silence.
    const isSpoken = text !== '' && greetingOverride(context) !== null;
    return isSpoken || isRecordedGreeting(context) ? context : null;
  }
}

function readNumber(text: string): ReturnType<typeof cleanPhoneNumber> {
  const cleaned = cleanPhoneNumber(text);
  if (!cleaned.ok) return cleaned;
  try {
    return { ok: true, e164: parseDestination(cleaned.e164).e164 };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const [item] = Array.isArray(error.detail) ? error.detail : [];
    return { ok: false, reason: item?.msg ?? error.message };
  }
}
