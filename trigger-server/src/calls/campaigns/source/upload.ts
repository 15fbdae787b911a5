/**
 * The file of a campaign: where it is sent to, and how it is read. It is read while it arrives, into rows, in parts that
 * hold no call up; nothing rings before a campaign is started with it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { mostSkippedListed, type CampaignUpload, type UploadedCampaignFile } from '@dograh-trigger/shared';
import { CsvFault, readCsv, type CsvRow } from '../../../csv/read-csv';
import { Problem } from '../../../problem';
import type { Services } from '../../../services';
import { readSignedId, signId } from '../../../signed-ids';
import { insertedId } from '../../../storage/columns';
import type { Session } from '../../../storage/port';
import { ContactReader } from './contacts';
import { listSkipped } from './files';
import {
  beginReadingQuery,
  condemnFileQuery,
  deleteFileQuery,
  deleteRowsQuery,
  endReadingQuery,
  fileQuery,
  insertFileQuery,
  insertRowQuery,
  unusedFilesQuery,
} from './store';

type Needs = Pick<Services, 'storage' | 'clock'>;

/** How long an upload URL is valid: as long as Dograh's. */
const uploadSeconds = 900;
/** After this time a file without a campaign is deleted. */
const unusedMilliseconds = 24 * 60 * 60_000;

const limits = { cellCharacters: 10_000, columns: 200 };
/** The numbers of a file are held in memory while it is read. */
const mostRows = 250_000;
/** Rows that are checked in one turn of the event loop, and written at once. A few milliseconds. */
const rowsAtOnce = 100;
const rowsDeletedAtOnce = 500;

/** @param upload `origin`: of the request, where PUBLIC_BASE_URL is not set. */
export async function offerUpload(
  services: Needs & Pick<Services, 'config' | 'secrets' | 'chance'>,
  organizationId: number,
  { fileName, bytes, origin }: { fileName: string; bytes: number; origin: string },
): Promise<CampaignUpload> {
  const { storage, clock, secrets, config } = services;
  const name = fileName.replace(/[^a-zA-Z0-9._-]/g, '_');
  const { id, fileKey } = await storage.write((session) =>
    addFile(services, session, organizationId, { name, bytes }),
  );
  const expiresAt = new Date(clock.steady().getTime() + uploadSeconds * 1000);
  const token = signId(secrets, 'upload of a campaign', id, expiresAt);
  return {
    upload_url: `${config.publicBaseUrl ?? origin}/api/v1/s3/files/${token}`,
    file_key: fileKey,
    expires_in: uploadSeconds,
  };
}

/** Adds a file without rows, which no campaign has. @param file `bytes`: the most that it may have. */
export async function addFile(
  { clock, chance }: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  organizationId: number,
  { name, bytes }: { name: string; bytes: number },
): Promise<{ id: number; fileKey: string }> {
  const fileKey = `campaigns/${String(organizationId)}/${chance.uuid()}_${name}`;
  const row = await insertFileQuery.first(session, {
    organizationId,
    fileKey,
    largestBytes: bytes,
    createdAt: clock.now().toISOString(),
    unusedUntil: new Date(clock.steady().getTime() + unusedMilliseconds).toISOString(),
  });
  return { id: insertedId(row), fileKey };
}

/**
 * Reads the file that is sent to an upload URL. A file that cannot be read to its end leaves nothing behind.
 * @throws Problem not_found for a token that is forged, expired or used; bad_request for a file that is no list of
 * contacts; too_large.
 */
export async function receiveFile(
  services: Needs & Pick<Services, 'secrets'>,
  token: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<UploadedCampaignFile> {
  const { storage, clock, secrets } = services;
  const id = readSignedId(secrets, 'upload of a campaign', token, clock.steady());
  const isMine =
    id !== null && (await storage.write((session) => beginReadingQuery.changes(session, { id }))) > 0;
  const file = isMine ? await fileQuery.first(storage.read, { id }) : undefined;
  if (file === undefined) {
    throw new Problem(
      'not_found',
      'This upload URL has expired or was used, or it was never one. Request a new one, and send the file there.',
    );
  }
  try {
    const { header, total, skipped } = await readRows(services, file.id, bounded(chunks, file.largest_bytes));
    await storage.write((session) =>
      endReadingQuery.changes(session, { id: file.id, header: JSON.stringify(header), total, skipped }),
    );
    return {
      file_key: file.file_key,
      total_rows: total,
      skipped_rows: skipped,
      skipped: await listSkipped(storage.read, file.id, mostSkippedListed),
    };
  } catch (error) {
    await deleteFile(services, file.id);
    throw error instanceof CsvFault ? new Problem('bad_request', error.message) : error;
  }
}

/** @throws Problem too_large. */
async function* bounded(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most) {
      const words = `The file is longer than the ${String(most)} bytes that were announced as its file_size`;
      throw new Problem('too_large', words);
    }
    yield chunk;
  }
}

async function readRows({ storage }: Needs, fileId: number, chunks: AsyncIterable<Uint8Array>) {
  let contacts: ContactReader | null = null;
  let header: string[] = [];
  let total = 0;
  let skipped = 0;
  for await (const rows of partsOf(readCsv(chunks, limits))) {
    const inserts: Parameters<typeof insertRowQuery.changes>[1][] = [];
    for (const row of rows) {
      if (contacts === null) {
        header = row.cells;
        contacts = new ContactReader(header);
        continue;
      }
      const verdict = contacts.read(row);
      if (verdict.ok) total += 1;
      else skipped += 1;
      inserts.push({
        fileId,
        line: row.line,
        calledNumber: verdict.ok ? verdict.contact.phoneNumber : verdict.phoneNumber,
        cells: JSON.stringify(row.cells),
        skipCode: verdict.ok ? null : verdict.skipped.code,
        skipDetail: verdict.ok ? null : verdict.skipped.detail,
      });
    }
    if (total + skipped > mostRows) {
      const most = mostRows.toLocaleString('en');
      throw new Problem('bad_request', `The file has more than ${most} rows. Send it in several files.`);
    }
    await storage.write((session) =>
      Promise.all(inserts.map((values) => insertRowQuery.changes(session, values))),
    );
  }
  if (total + skipped === 0) {
    throw new Problem('bad_request', 'CSV file must have a header row and at least one data row');
  }
  return { header, total, skipped };
}

/** Rows in parts, each in a turn of its own. */
async function* partsOf(chunks: AsyncIterable<CsvRow[]>): AsyncGenerator<CsvRow[]> {
  for await (const rows of chunks) {
    for (let at = 0; at < rows.length; at += rowsAtOnce) {
      yield rows.slice(at, at + rowsAtOnce);
      await nextTurn();
    }
  }
}

/** Deletes a file, unless a campaign has it. Its rows go first, in parts. */
export async function deleteFile({ storage }: Needs, id: number): Promise<void> {
  if ((await storage.write((session) => condemnFileQuery.changes(session, { id }))) === 0) return;
  const part = { fileId: id, limit: rowsDeletedAtOnce };
  while ((await storage.write((session) => deleteRowsQuery.changes(session, part))) > 0) await nextTurn();
  await storage.write((session) => deleteFileQuery.changes(session, { id }));
}

/** Deletes files that no campaign has used for a day, and those whose upload was cut off by the end of its server. */
export async function deleteUnusedFiles(services: Needs): Promise<void> {
  const now = services.clock.steady().toISOString();
  for (const { id } of await unusedFilesQuery.all(services.storage.read, { now, limit: 10 })) {
    await deleteFile(services, id);
  }
}
