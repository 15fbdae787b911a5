/** Uploads the file of a new campaign, and says what is in it. Nobody is called. */
import type { CampaignUpload, UploadedCampaignFile } from '@dograh-trigger/shared';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/http';
import { FileButton } from '../../ui/file-button';
import { Notice } from '../../ui/notice';
import { SkippedRows } from './skipped-rows';

async function upload(file: File): Promise<UploadedCampaignFile> {
  const { upload_url: url } = await api<CampaignUpload>('POST', '/s3/presigned-upload-url', {
    body: { file_name: file.name, file_size: file.size },
  });
  // The server names the address by which it is known elsewhere. This page may send to its own origin only.
  const [, path = ''] = new URL(url).pathname.split('/api/v1');
  return api<UploadedCampaignFile>('PUT', path, { csv: file });
}

export function ContactsFile(props: {
  /** Why the campaign was not made with this file. */
  error: string | undefined;
  onUploaded: (fileKey: string | null) => void;
}) {
  const file = useMutation({
    mutationFn: upload,
    onMutate: () => props.onUploaded(null),
    onSuccess: ({ file_key: key }) => props.onUploaded(key),
  });
  const { data, variables: chosen } = file;
  return (
    <>
      <p>
        A CSV file with a column <code>phone_number</code>. Its other columns are the variables of each call.
        Numbers need their country code.
      </p>
      <div>
        <FileButton
          label={file.isIdle ? 'Choose a file' : 'Choose another file'}
          accept=".csv,text/csv"
          onFile={(picked) => file.mutate(picked)}
        />
      </div>
      <div role="status">
        {file.isPending && <p>Reading {chosen?.name} …</p>}
        {data !== undefined && (
          <Notice tone={data.total_rows > 0 ? 'good' : 'warn'}>
            <bdi>{chosen.name}</bdi>: {data.total_rows.toLocaleString('en')}{' '}
            {data.total_rows === 1 ? 'contact' : 'contacts'}.
          </Notice>
        )}
      </div>
      {file.error !== null && <Notice error={file.error} />}
      {props.error !== undefined && <Notice tone="bad">{props.error}</Notice>}
      {data !== undefined && data.skipped_rows > 0 && <SkippedRows of={data} />}
    </>
  );
}
