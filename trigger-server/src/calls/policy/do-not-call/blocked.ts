/** Whether a number is on the do-not-call list. It is asked under the organization's lock, in the write that records a call. */
import { invalidPlace, type Problem } from '../../../problem';
import type { Session } from '../../../storage/port';
import { findEnd } from './store';

/** Whom an organization wants to call. */
export interface Callee {
  organizationId: number;
  /** In E.164. */
  number: string;
  /** When, by the wall clock. */
  at: Date;
}

/**
 * For each callee, why the number must not be called: a Problem at `body.phone_number` with the code `do_not_call`; null
 * if it may. The lookups go out together, so that a database across a network gets one question.
 */
export async function findDoNotCall(
  session: Session,
  callees: readonly Callee[],
): Promise<(Problem | null)[]> {
  const entries = await Promise.all(
    callees.map(({ organizationId, number }) => findEnd(session, { organizationId, number })),
  );
  return callees.map(({ at }, index) => {
    const entry = entries[index];
    return entry !== undefined && isActive(entry.until, at) ? onTheList(entry.until) : null;
  });
}

/** Whether an entry with this end still holds. */
export function isActive(until: string | null, now: Date): boolean {
  return until === null || until > now.toISOString();
}

function onTheList(until: string | null): Problem {
  return invalidPlace(
    {
      type: 'destination_refused',
      loc: ['body', 'phone_number'],
      msg: `This number is on the do-not-call list of your organization${until === null ? '' : ` until ${until}`}, so nobody was called. Only a signed-in user can remove it from the list.`,
      input: null,
      ctx: { rule: 'do_not_call', until },
    },
    'do_not_call',
  );
}
