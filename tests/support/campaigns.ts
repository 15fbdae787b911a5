/** Uploads lists and makes campaigns of them through the API. */
import {
  TriggerClient,
  type Campaign,
  type CampaignUpload,
  type Run,
  type Transport,
  type UploadedCampaignFile,
} from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import type { TestAgent } from './agents';
import type { Account, TestServer } from './test-server';

type Caller = Pick<TestServer, 'request'>;
type Key = Pick<Account, 'apiKey'>;

/** Asks for an upload URL. */
export async function askForUpload(
  server: Caller,
  account: Key,
  bytes = 10_485_760,
): Promise<CampaignUpload> {
  const reply = await server.request
    .post('/api/v1/s3/presigned-upload-url')
    .set('X-API-Key', account.apiKey)
    .send({ file_name: 'contacts.csv', file_size: bytes })
    .expect(200);
  return reply.body as CampaignUpload;
}

/** Sends a file to an upload URL. The reply is not checked. */
export function sendFile(
  server: Caller,
  { upload_url: url }: Pick<CampaignUpload, 'upload_url'>,
  csv: string | Buffer,
) {
  return server.request.put(new URL(url).pathname).set('Content-Type', 'text/csv').send(csv);
}

export async function uploadContacts(
  server: Caller,
  account: Key,
  csv: string | Buffer,
): Promise<UploadedCampaignFile> {
  const upload = await askForUpload(server, account);
  return (await sendFile(server, upload, csv).expect(200)).body as UploadedCampaignFile;
}

/** A campaign of the agent in the state `created`, which calls these numbers. */
export async function createCampaign(
  server: Caller,
  account: Key,
  agent: Pick<TestAgent, 'id'>,
  numbers: readonly string[],
  settings: object = {},
): Promise<Campaign> {
  const { file_key: source_id } = await uploadContacts(
    server,
    account,
    ['phone_number', ...numbers].join('\n'),
  );
  const reply = await server.request
    .post('/api/v1/campaign/create')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Reminders', workflow_id: agent.id, source_type: 'csv', source_id, ...settings })
    .expect(200);
  return reply.body as Campaign;
}

/** `start`, `pause` or `resume`. */
export async function order(server: Caller, account: Key, id: number, action: string): Promise<Campaign> {
  const reply = await server.request
    .post(`/api/v1/campaign/${String(id)}/${action}`)
    .set('X-API-Key', account.apiKey)
    .send({})
    .expect(200);
  return reply.body as Campaign;
}

export async function readCampaign(server: Caller, account: Key, id: number): Promise<Campaign> {
  const reply = await server.request
    .get(`/api/v1/campaign/${String(id)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return reply.body as Campaign;
}

/** So many numbers of contacts, from `+14155550100` on. */
export function contactNumbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `+1415555${String(100 + index).padStart(4, '0')}`);
}

/** The first hundred runs of a campaign. */
export async function runsOfCampaign(
  server: Caller,
  account: Key,
  { id }: Pick<Campaign, 'id'>,
): Promise<Run[]> {
  const reply = await server.request
    .get(`/api/v1/campaign/${String(id)}/runs?limit=100`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (reply.body as { runs: Run[] }).runs;
}

/** How many of the runs have each status. */
export function statusesOf(runs: readonly Run[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status = '' } of runs) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** A client of a server. @param transport the default adds the key. */
export function clientFor(
  baseUrl: string,
  apiKey: string,
  transport: Transport = axiosTransport({ apiKey }),
): TriggerClient {
  return new TriggerClient(transport, { baseUrl, sleep });
}

/** Sends a file as a host does: without the API key. */
export const uploadWithoutKey: Transport = async ({ method, url, headers, body }) => {
  const reply = await fetch(url, { method, headers, body });
  return { status: reply.status, headers: Object.fromEntries(reply.headers), body: await reply.text() };
};
