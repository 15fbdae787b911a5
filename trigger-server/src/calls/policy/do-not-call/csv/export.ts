/** A do-not-call list as CSV, in the order of its numbers, streamed while the database is read. */
import { Readable } from 'node:stream';
import { csvLine } from '../../../../csv/write-csv';
import type { Services } from '../../../../services';
import { listRange } from '../do-not-call';
import { cellsOf, writtenColumns } from './columns';

const rowsPerRead = 500;

export function openExport(services: Pick<Services, 'storage'>, organizationId: number): Readable {
  return Readable.from(csvOf(services, organizationId));
}

async function* csvOf(
  { storage }: Pick<Services, 'storage'>,
  organizationId: number,
): AsyncGenerator<string> {
  yield csvLine(writtenColumns);
  let after = '+';
  for (;;) {
    const rows = await listRange(storage.read, organizationId, { begins: '+', after }, rowsPerRead);
    if (rows.length > 0) yield rows.map((row) => csvLine(cellsOf(row))).join('');
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsPerRead) return;
    after = last.number;
  }
}
