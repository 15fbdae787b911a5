/** A fake Dograh that makes campaigns. As Dograh, it keeps uploaded files in a storage on another address. */
import { replyJson, startLocalServer, type LocalServer } from './local-server';

export interface DograhWithStorage {
  api: LocalServer;
  storage: LocalServer;
  /** What the storage answers (default 200). As S3 it answers XML to what it refuses. */
  storageStatus: number;
  close(): Promise<void>;
}

const dates = { created_at: '2026-11-23T09:00:00Z', started_at: null, completed_at: null };

/** @param agents of the organization. */
export async function startDograhWithStorage(agents: object[] = []): Promise<DograhWithStorage> {
  const campaigns: object[] = [];
  const storage = await startLocalServer((_, response) => {
    const { storageStatus: status } = dograh;
    response.writeHead(status).end(status === 200 ? '' : '<Error><Code>AccessDenied</Code></Error>');
  });
  const api = await startLocalServer(({ method, url, body }, response) => {
    const request = body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {};
    if (url === '/api/v1/s3/presigned-upload-url') {
      const fileKey = `campaigns/1/2f1c1a52_${String(request.file_name)}`;
      const uploadUrl = `${storage.url}/voice/${fileKey}?X-Amz-Signature=c0ffee`;
      replyJson(response, 200, { upload_url: uploadUrl, file_key: fileKey, expires_in: 900 });
    } else if (url === '/api/v1/campaign/create') {
      // Dograh counts the rows of a file when the campaign is started.
      const counts = { total_rows: null, processed_rows: 0, failed_rows: 0 };
      const id = campaigns.length + 1;
      campaigns.unshift({ ...request, ...dates, ...counts, id, state: 'created', workflow_name: 'Agent' });
      replyJson(response, 200, campaigns[0] ?? {});
    } else if (url === '/api/v1/workflow/fetch?status=active') {
      replyJson(response, 200, agents);
    } else if (method === 'GET' && url === '/api/v1/campaign/') {
      replyJson(response, 200, { campaigns });
    } else if (method === 'GET' && url === '/api/v1/campaign/1') {
      replyJson(response, 200, campaigns[0] ?? {});
    } else {
      replyJson(response, 404, { detail: 'Not Found' });
    }
  });
  const dograh: DograhWithStorage = {
    api,
    storage,
    storageStatus: 200,
    async close() {
      await api.close();
      await storage.close();
    },
  };
  return dograh;
}
