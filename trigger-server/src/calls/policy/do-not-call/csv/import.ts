/**
 * Adds the numbers of a file to a do-not-call list, portion by portion: a file of any size takes little memory, and other
 * requests are served meanwhile. An import that breaks off has added the portions before; to send the file again
 * changes nothing about those.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { mostSkippedRows, type DoNotCallImport } from '@dograh-trigger/shared';
import { recordAudit } from '../../../../audit/audit';
import { CsvFault, readCsv, type CsvRow } from '../../../../csv/read-csv';
import type { Identity } from '../../../../http/route';
import { Problem } from '../../../../problem';
import type { Services } from '../../../../services';
import { addNumbers, additionOf, lastsLonger, type Addition } from '../do-not-call';
import { columnsOf, readRow, wrongFile, type Columns } from './columns';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'deliveryAlarm'>;

/** In one transaction, which takes SQLite about 6 ms: a call waits for one of them. */
const rowsPerPortion = 200;
/** Between two turns of the event loop: a number takes up to 0.1 ms. */
const rowsPerTurn = 100;
const limits = { cellCharacters: 10_000, columns: 100 };

/** @throws Problem unprocessable for a file that cannot be read to its end: it says what was added. */
export async function importNumbers(
  services: Needs,
  identity: Identity,
  file: AsyncIterable<Uint8Array>,
): Promise<DoNotCallImport> {
  const importing = new Import(services, identity);
  try {
    for await (const rows of readCsv(file, limits)) await importing.take(rows);
    return await importing.finish();
  } catch (error) {
    if (error instanceof CsvFault) throw await importing.brokenOff(error);
    throw error;
  }
}

class Import {
  private columns: Columns | null = null;
  /** Of the portion that is being read: one addition for each number. */
  private portion = new Map<string, Addition>();
  private isRecorded = false;
  private readonly report: DoNotCallImport = {
    rows: 0,
    added: 0,
    prolonged: 0,
    unchanged: 0,
    skipped: 0,
    skipped_rows: [],
    ignored_columns: [],
  };

  constructor(
    private readonly services: Needs,
    private readonly identity: Identity,
  ) {}

  async take(rows: readonly CsvRow[]): Promise<void> {
    for (const row of rows) {
      if (this.columns === null) {
        this.columns = columnsOf(row.cells);
        this.report.ignored_columns = this.columns.ignored;
        if (this.columns.isNamed) continue;
      }
      this.read(this.columns, row);
      if (this.portion.size === rowsPerPortion) await this.add();
      if (this.report.rows % rowsPerTurn === 0) await nextTurn();
    }
  }

  async finish(): Promise<DoNotCallImport> {
    if (this.columns === null) throw wrongFile('The file has no rows.');
    await this.add();
    return this.report;
  }

  /** Adds what was read before the fault. */
  async brokenOff(fault: CsvFault): Promise<Problem> {
    await this.add();
    const taken = this.report.rows - this.report.skipped;
    const outcome =
      taken === 0
        ? 'Nothing was added.'
        : `The numbers of ${taken.toLocaleString('en')} rows before it are on the list; sent again, they change nothing.`;
    return wrongFile(`${fault.message} ${outcome}`);
  }

  private read(columns: Columns, { line, cells }: CsvRow): void {
    const { report } = this;
    report.rows += 1;
    const row = this.additionIn(columns, cells);
    if (typeof row === 'string') {
      report.skipped += 1;
      if (report.skipped_rows.length < mostSkippedRows) report.skipped_rows.push({ line, reason: row });
      return;
    }
    const earlier = this.portion.get(row.number);
    if (earlier === undefined || lastsLonger(row.until, earlier.until)) this.portion.set(row.number, row);
    if (earlier !== undefined) report.unchanged += 1;
  }

  /** @returns why there is none, in words. */
  private additionIn(columns: Columns, cells: readonly string[]): Addition | string {
    try {
      const row = readRow(columns, cells);
      if (!row.ok) return row.reason;
      const { content } = row;
      const from = { source: content.source ?? 'csv', runId: null };
      return additionOf(this.services, row.number, content, from);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const [item] = Array.isArray(error.detail) ? error.detail : [];
      return `${String(item?.loc.at(-1) ?? 'row')}: ${error.words}`;
    }
  }

  private async add(): Promise<void> {
    const { services, identity } = this;
    const { storage, clock, deliveryAlarm } = services;
    const additions = [...this.portion.values()];
    this.portion = new Map();
    if (additions.length === 0) return;
    const added = await storage.write(async (session) => {
      const result = await addNumbers(services, session, identity.organizationId, additions, clock.now());
      const hasChanged = result.some(({ effect }) => effect !== 'unchanged');
      if (hasChanged && !this.isRecorded) {
        await recordAudit(services, session, identity, { action: 'do_not_call.imported' });
      }
      return result;
    });
    for (const { effect } of added) {
      this.report[effect] += 1;
      if (effect !== 'unchanged') this.isRecorded = true;
    }
    deliveryAlarm.ringIn(0);
  }
}
