/** The rows of a file that are not called, and why. */
import type { UploadedCampaignFile } from '@dograh-trigger/shared';
import { Notice } from '../../ui/notice';
import { Table } from '../../ui/table';
import { skippedInWords, skipWords } from './campaign-words';

export function SkippedRows({
  of,
}: {
  of: Pick<UploadedCampaignFile, 'skipped_rows'> & { skipped?: UploadedCampaignFile['skipped'] | undefined };
}) {
  const listed = of.skipped ?? [];
  return (
    <>
      <Notice tone="warn">
        {skippedInWords(of)}.{listed.length < of.skipped_rows && ` The first ${String(listed.length)}:`}
      </Notice>
      <Table
        label="Rows that are not called"
        columns={['Line', 'Why', 'What to change']}
        rows={listed.map(({ line, code, detail }) => ({ key: line, cells: [line, skipWords[code], detail] }))}
      />
    </>
  );
}
