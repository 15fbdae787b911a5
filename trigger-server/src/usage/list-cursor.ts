/**
 * Where a list of runs began when its first page was read. It is the newest run of the whole server, whose id counts the
 * calls of everybody, so it is sealed: the caller can give it back, and neither read it nor make one.
 */
import { invalidPlace } from '../problem';
import { seal, unseal, type Secrets } from '../secrets';

type Keys = Pick<Secrets, 'cursorKey'>;

export function writeCursor({ cursorKey }: Keys, organizationId: number, newestRunId: number): string {
  return seal(cursorKey, JSON.stringify([organizationId, newestRunId]));
}

/** @returns the id of the newest run then. @throws Problem unprocessable for what is no cursor of this organization. */
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
    // It was not sealed here.
    return [];
  }
}
