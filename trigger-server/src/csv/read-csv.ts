/**
 * Reads CSV as people have it, chunk by chunk and in linear time: UTF-8 with or without a byte-order mark; commas,
 * semicolons or tabs; any line break, also between quotation marks; and the ways in which spreadsheets mark a text.
 */

/** Bounds what one record may hold in memory. */
export interface CsvLimits {
  cellCharacters: number;
  columns: number;
}

export interface CsvRow {
  /** Of its first line in the file, counted from 1. */
  line: number;
  cells: string[];
}

/** The file cannot be read any further. The message says where and what to do, and quotes nothing of the file. */
export class CsvFault extends Error {
  override readonly name = 'CsvFault';
}

/**
 * @param chunks the bytes of the file; what they throw is passed on.
 * @returns the rows that each chunk completes, in order. Rows without any text are left out.
 * @throws CsvFault
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  limits: CsvLimits,
): AsyncGenerator<CsvRow[]> {
  const decoder = new Decoder();
  const parser = new Parser(limits);
  for await (const chunk of chunks) {
    const rows = parser.push(decoder.decode(chunk));
    if (rows.length > 0) yield rows;
  }
  const rows = [...parser.push(decoder.end()), ...parser.end()];
  if (rows.length > 0) yield rows;
}

class Decoder {
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true });
  private isFirst = true;

  decode(chunk: Uint8Array): string {
    if (this.isFirst && chunk.length > 0) {
      this.isFirst = false;
      if (chunk[0] === 0xff || chunk[0] === 0xfe) throw new CsvFault(`The file is in UTF-16. ${saveAs}`);
    }
    return this.read(chunk, true);
  }

  end(): string {
    return this.read(new Uint8Array(), false);
  }

  private read(chunk: Uint8Array, stream: boolean): string {
    try {
      return this.utf8.decode(chunk, { stream });
    } catch {
      throw new CsvFault(`The file is not in UTF-8. ${saveAs}`);
    }
  }
}

const saveAs = 'Save it as “CSV UTF-8”, and send it again.';

/** As many characters as a first line may have before its separator is known. */
const mostOfHead = 64 * 1024;

const quote = '"';

/** `quoted`: between quotation marks. `closed`: after the second one, which may be the first of a pair. */
type State = 'start' | 'plain' | 'quoted' | 'closed';

class Parser {
  /** Null: not known yet. */
  private separator: string | null = null;
  private head = '';
  private state: State = 'start';
  private cell = '';
  private cells: string[] = [];
  private line = 1;
  private firstLine = 1;
  private afterReturn = false;

  constructor(private readonly limits: CsvLimits) {}

  push(text: string): CsvRow[] {
    if (this.separator !== null) return this.read(text);
    this.head += text;
    const isWhole = /[\r\n]/.test(text) || this.head.length > mostOfHead;
    return isWhole ? this.begin() : [];
  }

  end(): CsvRow[] {
    const rows = this.separator === null ? this.begin() : [];
    if (this.state === 'quoted') {
      throw this.fault(this.firstLine, 'A quotation mark in it is never closed');
    }
    if (this.state !== 'start' || this.cells.length > 0) this.endRow(rows);
    return rows;
  }

  private begin(): CsvRow[] {
    const [first = ''] = this.head.split(/[\r\n]/, 1);
    // Excel's own way to name the separator.
    const named = /^sep=(.)$/.exec(first)?.[1];
    this.separator = named ?? separatorOf(first);
    const rest = named === undefined ? this.head : this.head.slice(first.length);
    this.head = '';
    return this.read(rest);
  }

  private read(text: string): CsvRow[] {
    const rows: CsvRow[] = [];
    let at = 0;
    while (at < text.length)
      at = this.state === 'quoted' ? this.inQuotes(text, at) : this.outside(text, at, rows);
    return rows;
  }

  /** @returns where to read on. */
  private inQuotes(text: string, at: number): number {
    const close = text.indexOf(quote, at);
    const end = close === -1 ? text.length : close;
    const part = text.slice(at, end);
    this.line += part.split('\n').length - 1;
    this.add(part);
    if (close === -1) return end;
    this.state = 'closed';
    return end + 1;
  }

  /** @returns where to read on. */
  private outside(text: string, at: number, rows: CsvRow[]): number {
    const character = text[at];
    if (character === '\n' && this.afterReturn) {
      this.afterReturn = false;
      return at + 1;
    }
    this.afterReturn = character === '\r';
    if (character === quote && this.state !== 'plain') {
      if (this.state === 'closed') this.add(quote);
      this.state = 'quoted';
      return at + 1;
    }
    if (character === this.separator) {
      this.endCell();
      return at + 1;
    }
    if (character === '\r' || character === '\n') {
      this.endRow(rows);
      return at + 1;
    }
    const end = this.endOfPlain(text, at);
    this.add(text.slice(at, end));
    this.state = 'plain';
    return end;
  }

  private endOfPlain(text: string, at: number): number {
    let end = at + 1;
    while (end < text.length) {
      const character = text[end];
      if (character === this.separator || character === '\r' || character === '\n') break;
      end += 1;
    }
    return end;
  }

  private add(part: string): void {
    if (this.cell.length + part.length > this.limits.cellCharacters) {
      const most = this.limits.cellCharacters.toLocaleString('en');
      throw this.fault(
        this.firstLine,
        `A cell in it has more than ${most} characters; perhaps a quotation mark is not closed`,
      );
    }
    this.cell += part;
  }

  private endCell(): void {
    if (this.cells.length === this.limits.columns) {
      throw this.fault(this.firstLine, `It has more than ${String(this.limits.columns)} columns`);
    }
    this.cells.push(asText(this.cell));
    this.cell = '';
    this.state = 'start';
  }

  private endRow(rows: CsvRow[]): void {
    this.endCell();
    if (this.cells.some((cell) => cell.trim() !== '')) rows.push({ line: this.firstLine, cells: this.cells });
    this.cells = [];
    this.line += 1;
    this.firstLine = this.line;
  }

  private fault(line: number, words: string): CsvFault {
    return new CsvFault(`Line ${String(line)} of the file cannot be read: ${words}.`);
  }
}

/** The one of the usual separators that the line has most often outside of quotation marks; a comma where it has none. */
function separatorOf(line: string): string {
  const counts = new Map([
    [',', 0],
    [';', 0],
    ['\t', 0],
  ]);
  let isQuoted = false;
  for (const character of line) {
    const count = counts.get(character);
    if (character === quote) isQuoted = !isQuoted;
    else if (!isQuoted && count !== undefined) counts.set(character, count + 1);
  }
  return [...counts].reduce((best, other) => (other[1] > best[1] ? other : best))[0];
}

/** Takes off what a spreadsheet puts before a text so that it stays one: `'+1415…`, `="+1415…"`. */
function asText(cell: string): string {
  const formula = /^="(.*)"$/.exec(cell);
  if (formula?.[1] !== undefined) return formula[1];
  return /^'[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(cell) ? cell.slice(1) : cell;
}
