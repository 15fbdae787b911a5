/**
 * An organization's do-not-call list. Anybody may add to it, and an addition never shortens what is there: a later one
 * replaces an entry only if it lasts longer. Only a signed-in user removes an entry.
 */
import type { AddToDoNotCallRequest, DoNotCallEntry, DoNotCallPage } from '@dograh-trigger/shared';
import { markDoNotCall } from '../../../accounts/organizations';
import { recordAudit, type Actor } from '../../../audit/audit';
import type { Identity } from '../../../http/route';
import { invalidPlace, Problem } from '../../../problem';
import type { Services } from '../../../services';
import type { Session, WriteSession } from '../../../storage/port';
import { cancelCallsTo } from '../../waiting/leave';
import { isActive } from './blocked';
import { deleteRow, findEnd, findRow, insertRow, listRows, replaceRow, type DoNotCallRow } from './store';

type Needs = Pick<Services, 'storage' | 'clock'>;
/** An addition may end queued calls, with their events. */
type Ends = Pick<Services, 'config' | 'chance' | 'deliveryAlarm'>;

export interface Addition {
  /** In E.164. */
  number: string;
  source: string;
  reason: string | null;
  /** ISO 8601 in UTC; null: for good. */
  until: string | null;
  /** The call in which the person opted out. */
  runId: number | null;
}

/**
 * Adds numbers, under the lock of the organization.
 * @param additions of different numbers. @param at by the wall clock.
 * @returns the id of each entry that was added or lasts longer now; null where the former entry stays.
 */
export async function addNumbers(
  session: WriteSession,
  organizationId: number,
  additions: readonly Addition[],
  at: Date,
): Promise<(number | null)[]> {
  await session.lock('organization', organizationId);
  await markDoNotCall(session, organizationId);
  const former = await Promise.all(
    additions.map(({ number }) => findEnd(session, { organizationId, number })),
  );
  return Promise.all(
    additions.map(async ({ number, ...content }, index) => {
      const entry = former[index];
      const values = { ...content, at: at.toISOString() };
      if (entry === undefined) return insertRow(session, { organizationId, number, ...values });
      if (!lastsLonger(content.until, entry.until)) return null;
      await replaceRow(session, { id: entry.id, ...values });
      return entry.id;
    }),
  );
}

/** Whether an entry with this end lasts longer than one with the other. */
export function lastsLonger(until: string | null, other: string | null): boolean {
  return other !== null && (until === null || until > other);
}

/** Adds one number, ends the queued calls to it, and records who did it. @returns its entry as it is now. */
export async function addNumber(
  services: Needs & Ends,
  actor: Actor,
  addition: Addition,
): Promise<DoNotCallEntry> {
  const { storage, clock, deliveryAlarm } = services;
  const { organizationId } = actor;
  const now = clock.now();
  const row = await storage.write(async (session) => {
    const [id = null] = await addNumbers(session, organizationId, [addition], now);
    await cancelCallsTo(services, session, organizationId, addition.number);
    if (id !== null)
      await recordAudit({ clock }, session, actor, { action: 'do_not_call.added', subjectId: id });
    return findRow(session, { organizationId, number: addition.number });
  });
  if (row === undefined) throw new Error('An entry that was just written is not there');
  deliveryAlarm.ringIn(0);
  return present(row, now);
}

/** The addition that a request asks for. @throws Problem unprocessable for an end in the past. */
export function additionOf(
  { clock }: Pick<Services, 'clock'>,
  number: string,
  { reason, until }: Pick<AddToDoNotCallRequest, 'reason' | 'until'>,
  from: Pick<Addition, 'source' | 'runId'>,
): Addition {
  return { number, ...from, reason: reason ?? null, until: until == null ? null : endOf(clock.now(), until) };
}

function endOf(now: Date, until: string): string {
  const end = new Date(until);
  if (end > now) return end.toISOString();
  throw invalidPlace({
    type: 'value_error',
    loc: ['body', 'until'],
    msg: 'This instant has passed. Write a later one, or null for good',
    input: null,
  });
}

/** @throws Problem forbidden for an API key; not_found if the number is not on the list. */
export async function removeNumber(
  { storage, clock }: Needs,
  identity: Identity,
  number: string,
): Promise<void> {
  if (identity.sessionId === null) {
    throw new Problem(
      'forbidden',
      'An API key can add numbers to the do-not-call list, but not remove them: a leaked key would undo what people have asked for. Sign in, and remove the number in the console or with the session’s token.',
    );
  }
  const { organizationId } = identity;
  await storage.write(async (session) => {
    await session.lock('organization', organizationId);
    const id = await deleteRow(session, { organizationId, number });
    if (id === null) throw notListed();
    await recordAudit({ clock }, session, identity, { action: 'do_not_call.removed', subjectId: id });
  });
}

/** @throws Problem not_found. */
export async function readEntry(
  { storage, clock }: Needs,
  organizationId: number,
  number: string,
): Promise<DoNotCallEntry> {
  const row = await findRow(storage.read, { organizationId, number });
  if (row === undefined) throw notListed();
  return present(row, clock.now());
}

/**
 * One page in the order of the numbers.
 * @param range `begins`: a plus and the first digits of the numbers. `after`: the last number of the page before; a plus: none.
 */
export async function listEntries(
  { storage, clock }: Needs,
  organizationId: number,
  range: { begins: string; after: string },
  limit: number,
): Promise<DoNotCallPage> {
  const rows = await listFrom(storage.read, organizationId, range, limit + 1);
  const now = clock.now();
  const entries = rows.slice(0, limit).map((row) => present(row, now));
  return { entries, next_after: rows.length > limit ? (entries.at(-1)?.number ?? null) : null };
}

/** As `listEntries`. */
function listFrom(
  session: Session,
  organizationId: number,
  { begins, after }: { begins: string; after: string },
  limit: number,
): Promise<DoNotCallRow[]> {
  // Numbers are a plus and digits, and texts are compared by their bytes: a zero comes first, and a colon after the nine.
  const next = `${after}0`;
  return listRows(session, {
    organizationId,
    from: next > begins ? next : begins,
    before: `${begins}:`,
    limit,
  });
}

function present(row: DoNotCallRow, now: Date): DoNotCallEntry {
  return {
    id: row.id,
    number: row.number,
    source: row.source,
    reason: row.reason,
    until: row.until,
    is_active: isActive(row.until, now),
    run_id: row.run_id,
    added_at: row.added_at,
  };
}

function notListed(): Problem {
  return new Problem('not_found', 'This number is not on the do-not-call list of your organization');
}
