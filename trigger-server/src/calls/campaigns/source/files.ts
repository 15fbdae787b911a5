/** A file of contacts that has been read: its rows, and the link to it. */
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CampaignSourceDownload, SkippedRow } from '@dograh-trigger/shared';
import { csvLine } from '../../../csv/write-csv';
import { Problem } from '../../../problem';
import type { RunRow } from '../../../runs/runs';
import type { Services } from '../../../services';
import { readSignedId, signId } from '../../../signed-ids';
import { idList } from '../../../storage/id-list';
import type { Session } from '../../../storage/port';
import {
  agedRowsQuery,
  contactsQuery,
  deleteContactOfRunQuery,
  deleteContactQuery,
  deleteRowsOfFileQuery,
  fileByKeyQuery,
  fileQuery,
  keepFileQuery,
  rowsQuery,
  skippedQuery,
} from './store';

/** How long a link to a file is valid: as long as Dograh's. */
const downloadSeconds = 3600;
const rowsAtOnce = 500;

export type CampaignFile = NonNullable<Awaited<ReturnType<typeof fileQuery.first>>>;

/** @returns undefined for a file of another organization, and for one that has not been read. */
export async function findFile(
  session: Session,
  organizationId: number,
  fileKey: string,
): Promise<CampaignFile | undefined> {
  const file = await fileByKeyQuery.first(session, { organizationId, fileKey });
  return file?.state === 'read' ? file : undefined;
}

/** The names of its columns, as they stand in the file. */
export async function headerOf(session: Session, fileId: number): Promise<string[]> {
  const file = await fileQuery.first(session, { id: fileId });
  return JSON.parse(file?.header ?? '[]') as string[];
}

/** A row that is called. */
export interface StoredContact {
  line: number;
  cells: string[];
  /** In E.164. */
  phoneNumber: string;
}

/** The contacts after a line of the file, in order, at most `limit`. */
export async function listContacts(
  session: Session,
  fileId: number,
  after: number,
  limit: number,
): Promise<StoredContact[]> {
  const rows = await contactsQuery.all(session, { fileId, after, limit });
  return rows.map(({ line, cells, called_number: phoneNumber }) => ({
    line,
    cells: JSON.parse(cells) as string[],
    phoneNumber: phoneNumber ?? '',
  }));
}

/** Removes the person with this number (E.164) from all files of an organization. @returns how many rows it had. */
export function removeContact(
  session: Session,
  organizationId: number,
  calledNumber: string,
): Promise<number> {
  return deleteContactQuery.changes(session, { organizationId, calledNumber });
}

/** Removes the row that a run called, also where it is to be called again. A run of no campaign has none. */
export async function removeContactOfRun(
  session: Session,
  run: Pick<RunRow, 'campaign_id' | 'campaign_line' | 'called_number'>,
): Promise<void> {
  const { campaign_id: campaignId, campaign_line: line, called_number: calledNumber } = run;
  if (campaignId === null || line === null) return;
  await deleteContactOfRunQuery.changes(session, { campaignId, line, calledNumber });
}

/** A row of a file. */
export interface RowPlace {
  fileId: number;
  line: number;
}

/** Rows of files whose campaigns have all completed before an instant. @param after the last row of the previous part. */
export function listAgedRows(
  session: Session,
  organizationId: number,
  { after, before, limit }: { after: RowPlace; before: string; limit: number },
): Promise<RowPlace[]> {
  const { fileId: afterFile, line: afterLine } = after;
  return agedRowsQuery.all(session, { organizationId, afterFile, afterLine, before, limit });
}

/** @param rows at most `mostIds`. */
export async function deleteRows(session: Session, rows: readonly RowPlace[]): Promise<void> {
  for (const fileId of new Set(rows.map((row) => row.fileId))) {
    const lines = rows.filter((row) => row.fileId === fileId).map(({ line }) => line);
    await deleteRowsOfFileQuery.changes(session, { fileId, ...idList(lines) });
  }
}

/** Keeps a file for a campaign, in the transaction that creates it. @returns false if it has been deleted. */
export async function keepFile(session: Session, id: number): Promise<boolean> {
  return (await keepFileQuery.changes(session, { id })) > 0;
}

export async function listSkipped(session: Session, fileId: number, limit: number): Promise<SkippedRow[]> {
  const rows = await skippedQuery.all(session, { fileId, limit });
  return rows.flatMap(({ line, skip_code: code, skip_detail: detail }) =>
    code === null ? [] : [{ line, code, detail: detail ?? '' }],
  );
}

/** @param at `origin`: of the request, where PUBLIC_BASE_URL is not set. */
export function downloadOf(
  { config, clock, secrets }: Pick<Services, 'config' | 'clock' | 'secrets'>,
  fileId: number,
  origin: string,
): CampaignSourceDownload {
  const expiresAt = new Date(clock.steady().getTime() + downloadSeconds * 1000);
  const token = signId(secrets, 'file of a campaign', fileId, expiresAt);
  return {
    download_url: `${config.publicBaseUrl ?? origin}/api/v1/s3/files/${token}`,
    expires_in: downloadSeconds,
  };
}

/**
 * Opens the file of a link, as CSV that is safe in a spreadsheet.
 * @throws Problem not_found for a link that is forged or has expired.
 */
export async function openFile(
  { storage, clock, secrets }: Pick<Services, 'storage' | 'clock' | 'secrets'>,
  token: string,
): Promise<{ fileName: string; open: () => Readable }> {
  const id = readSignedId(secrets, 'file of a campaign', token, clock.steady());
  const file = id === null ? undefined : await fileQuery.first(storage.read, { id });
  if (file === undefined) throw new Problem('not_found', 'This link has expired, or it was never one.');
  return {
    fileName: file.file_key.split('/').at(-1) ?? '',
    open: () => Readable.from(linesOf(storage.read, file)),
  };
}

async function* linesOf(session: Session, { id, header }: CampaignFile): AsyncGenerator<string> {
  yield csvLine(JSON.parse(header ?? '[]') as string[]);
  for (let after = 0; ;) {
    const rows = await rowsQuery.all(session, { fileId: id, after, limit: rowsAtOnce });
    if (rows.length > 0) yield rows.map(({ cells }) => csvLine(JSON.parse(cells) as string[])).join('');
    if (rows.length < rowsAtOnce) return;
    after = rows.at(-1)?.line ?? after;
    await nextTurn();
  }
}
