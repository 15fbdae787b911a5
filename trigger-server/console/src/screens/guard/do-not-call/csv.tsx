/** Adds the numbers of a CSV file to the do-not-call list, and says what became of its rows. */
import type { DoNotCallImport } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../../api/http';
import { doNotCallKey, runKeys } from '../../../api/live';
import { FileButton } from '../../../ui/file-button';
import { Notice } from '../../../ui/notice';
import { Table } from '../../../ui/table';
import { importInWords } from './entry-words';
import { csvPath } from './queries';

export function ImportFile() {
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: (file: File) => api<DoNotCallImport>('POST', csvPath, { csv: file }),
    // A file that breaks off has added the rows before, and calls to its numbers that waited have ended.
    onSettled: async () => {
      for (const queryKey of [doNotCallKey, runKeys.list, runKeys.one])
        await queries.invalidateQueries({ queryKey });
    },
  });
  return (
    <>
      <p>
        A CSV file adds many numbers at once. Its columns are <code>number</code>, and if you like{' '}
        <code>reason</code>, <code>source</code> and <code>until</code>.
      </p>
      <div>
        <FileButton
          label="Add the numbers of a file"
          accept=".csv,text/csv"
          onFile={(file) => add.mutate(file)}
        />
      </div>
      <div role="status">
        {add.isPending && <p>Adding the numbers of {add.variables.name} …</p>}
        {add.data !== undefined && <Result result={add.data} />}
      </div>
      {add.error !== null && <Notice error={add.error} />}
      {add.data !== undefined && add.data.skipped > 0 && <SkippedRows result={add.data} />}
    </>
  );
}

function Result({ result }: { result: DoNotCallImport }) {
  const { skipped, ignored_columns: ignored } = result;
  return (
    <Notice tone={skipped === 0 ? 'good' : 'warn'}>
      {importInWords(result)}
      {ignored.length > 0 && ` These columns had no effect: ${ignored.join(', ')}.`}
    </Notice>
  );
}

/** A browser draws no thousand rows for a glance. */
const mostShown = 50;

function SkippedRows({ result: { skipped, skipped_rows: rows } }: { result: DoNotCallImport }) {
  const shown = rows.slice(0, mostShown);
  return (
    <>
      {shown.length < skipped && <p>The first {shown.length} of them:</p>}
      <Table
        label="Rows that were not added"
        columns={['Line', 'Why']}
        rows={shown.map(({ line, reason }) => ({ key: line, cells: [line, reason] }))}
      />
    </>
  );
}
