/** A file made of rows of another one. */
import { Problem } from '../../../problem';
import type { Services } from '../../../services';
import { idList } from '../../../storage/id-list';
import type { Session } from '../../../storage/port';
import { addFile } from './upload';
import { beginReadingQuery, copyRowsQuery, endReadingQuery, fileQuery, keepFileQuery } from './store';

type Needs = Pick<Services, 'storage' | 'clock'>;

/** A copy that is being made. It is deleted after a day unless a campaign gets it. */
export interface Copy {
  id: number;
  /** A JSON array. */
  header: string;
}

/** @returns a file without rows. */
export async function beginCopy(
  services: Needs & Pick<Services, 'chance'>,
  organizationId: number,
  from: number,
): Promise<Copy> {
  return services.storage.write(async (session) => {
    const original = await fileQuery.first(session, { id: from });
    const { id } = await addFile(services, session, organizationId, { name: 'redial.csv', bytes: 0 });
    await beginReadingQuery.changes(session, { id });
    return { id, header: original?.header ?? '[]' };
  });
}

/** @param lines at most `mostIds`. @returns how many of them are there: what was erased is not. */
export function copyRows(
  { storage }: Needs,
  { from, to }: { from: number; to: number },
  lines: readonly number[],
): Promise<number> {
  return storage.write((session) => copyRowsQuery.changes(session, { from, to, ...idList(lines) }));
}

/** Completes a copy for a campaign, in the transaction that creates it. @throws Problem conflict if it has been deleted. */
export async function endCopy(session: Session, { id, header }: Copy, total: number): Promise<void> {
  await endReadingQuery.changes(session, { id, header, total, skipped: 0 });
  if ((await keepFileQuery.changes(session, { id })) > 0) return;
  throw new Problem(
    'conflict',
    'The list took too long to make, and nothing was created. Send the request again.',
  );
}
