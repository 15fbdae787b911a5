/**
 * The cursor of a list: the newest run id of the whole server when the first page was read. That id reveals how many
 * calls all tenants make, so the cursor is sealed: a caller can send it back, but neither read nor forge it.
 */
import { invalidPlace } from '../problem';
import { seal, unseal, type Secrets } from '../secrets';

type Keys = Pick<Secrets, 'cursorKey'>;

export function writeCursor({ cursorKey }: Keys, organizationId: number, newestRunId: number): string {
  return seal(cursorKey, JSON.stringify([organizationId, newestRunId]));
}

/**
 * @returns the newest run id in the cursor. @throws Problem unprocessable for anything but a cursor of this
 * organization.
 */
export function readCursor({ cursorKey }: Keys, organizationId: number, cursor: string): number {
  const [owner, newestRunId] = open(cursorKey, cursor);
  if (owner === organizationId && newestRunId !== undefined) return newestRunId;
  throw invalidPlace({
    type: 'value_error',
    loc: ['query', 'cursor'],
    msg: 'Input should be the cursor of an earlier page of this list. Leave it out for the first page.',
    input: cursor,
  });
}

function open(key: Buffer, cursor: string): number[] {
  try {
    return JSON.parse(unseal(key, cursor)) as number[];
  } catch {
    // Not sealed by this server.
    return [];
  }
}
