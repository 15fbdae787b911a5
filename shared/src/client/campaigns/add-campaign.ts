/** Makes a campaign of a list of contacts, once for each list. */
import {
  campaignUpload,
  largestCampaignFile,
  uploadedCampaignFile,
  type CreateCampaignRequest,
} from '../../contracts';
import { isTriggerError, TriggerError } from '../../errors';
import { isConfidentialUrl } from '../../forms/confidential-url';
import type { Connection } from '../connection';
import { canonicalJson } from '../canonical-json';
import { networkError, parseJson, requireSuccess, type Sent } from '../responses';
import type { HttpResponse, Transport } from '../transport';
import { listCampaigns, readCampaign, shownCampaign, type ShownCampaign } from './read-campaign';

export interface CampaignOrder {
  settings: Omit<CreateCampaignRequest, 'source_type' | 'source_id'>;
  /** With a column `phone_number`. The other columns are the context of the calls. */
  csv: string;
}

export interface AddedCampaign {
  campaign: ShownCampaign;
  /** Whether the campaign was there, from an earlier request with the same name, agent and list. */
  alreadyAdded: boolean;
}

/** The server reads the file while it arrives: 250,000 rows take it some seconds. */
const uploadTimeoutSeconds = 120;

/**
 * Uploads a list and creates a campaign of it, which calls nobody before it is started. The same list is added once under
 * one name for one agent, in whatever order its rows are: a repeat returns the campaign that is there, with its settings.
 * Its file's name, which Dograh keeps, is how it is found; so it is found on every server.
 *
 * @param sha256Hex the hash of the host: a browser has no module of Node for it.
 * @param upload sends the file, and must not add the API key: on Dograh the file goes to another host.
 * @throws TriggerError Nobody is called, whatever its code is. After a lost answer the campaign may be there.
 */
export async function addCampaign(
  connection: Connection,
  { settings, csv }: CampaignOrder,
  upload: Transport,
  sha256Hex: (text: string) => string,
): Promise<AddedCampaign> {
  const bytes = new TextEncoder().encode(csv).length;
  if (bytes > largestCampaignFile) {
    throw new TriggerError({
      code: 'invalid_input',
      message: `The list has ${megabytes(bytes)} MB, and a campaign takes ${megabytes(largestCampaignFile)}: make several campaigns of it.`,
    });
  }
  const fileName = fileNameOf(settings, csv, sha256Hex);
  const earlier = await findOldest(connection, fileName);
  if (earlier) return { campaign: await readCampaign(connection, earlier.id), alreadyAdded: true };

  const request = { file_name: fileName, file_size: bytes, content_type: 'text/csv' };
  const target = await connection.create('/s3/presigned-upload-url', request, campaignUpload);
  await sendFile(connection, { url: target.upload_url, csv }, upload);
  const campaign = await connection.create(
    '/campaign/create',
    { ...settings, source_type: 'csv', source_id: target.file_key },
    shownCampaign,
  );
  // Two requests at the same time create two campaigns. Both return the older one, and nobody starts the other.
  const oldest = await findOldest(connection, fileName);
  if (oldest === undefined || oldest.id === campaign.id) return { campaign, alreadyAdded: false };
  return { campaign: await readCampaign(connection, oldest.id), alreadyAdded: true };
}

function fileNameOf(
  { name, workflow_id: agentId }: CampaignOrder['settings'],
  csv: string,
  sha256Hex: (text: string) => string,
): string {
  const identity = canonicalJson([name, Number(agentId), csv.split(/\r?\n/).sort()]);
  return `contacts-${sha256Hex(identity).slice(0, 32)}.csv`;
}

/** Both servers make `campaigns/<organization>/<uuid>_<file name>` of a file's name. */
async function findOldest(connection: Connection, fileName: string): Promise<ShownCampaign | undefined> {
  const campaigns = await listCampaigns(connection);
  return campaigns.findLast(({ source_id: source }) => source.endsWith(`_${fileName}`));
}

async function sendFile(
  connection: Connection,
  { url, csv }: { url: string; csv: string },
  upload: Transport,
): Promise<void> {
  if (!URL.canParse(url) || !(isConfidentialUrl(new URL(url).href) || connection.allowsInsecure)) {
    throw new TriggerError({
      code: 'unexpected_response',
      message:
        'The contacts were not uploaded, because the server wants them at an address that is not encrypted. Whoever runs the server can give its storage an https:// address.',
    });
  }
  // Without the path, which is the permission to upload.
  const sent: Sent = { method: 'PUT', url: new URL(url).origin, dials: false };
  const reply = await upload({
    method: 'PUT',
    url,
    headers: { 'content-type': 'text/csv' },
    body: csv,
    timeoutSeconds: uploadTimeoutSeconds,
  }).catch((error: unknown) => {
    throw notUploaded(networkError(error, sent));
  });
  try {
    requireSuccess(reply, sent);
  } catch (error) {
    throw isTriggerError(error) ? notUploaded(error) : error;
  }
  refuseEmptyList(reply);
}

/** The bundled server says in words what is wrong with a list. A storage has none for people. */
function notUploaded(error: TriggerError): TriggerError {
  const { status, detail, exchange, cause } = error;
  if (status !== undefined && detail !== undefined) return error;
  const what = status === undefined ? 'cannot be reached' : `answered ${String(status)}`;
  return new TriggerError({
    code: 'server',
    message: `The contacts could not be uploaded: the storage of the server ${what}. Check that it can be reached from here, and try again.`,
    exchange,
    status,
    cause,
  });
}

/** The bundled server answers which rows it skips. A storage answers nothing. */
function refuseEmptyList({ body }: HttpResponse): void {
  const file = uploadedCampaignFile.safeParse(parseJson(body)).data;
  if (file?.total_rows !== 0) return;
  throw new TriggerError({
    code: 'invalid_input',
    message: `No contact of the list can be called. The first one: ${file.skipped[0]?.detail ?? ''}`,
  });
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
