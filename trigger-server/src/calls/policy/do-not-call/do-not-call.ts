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

/** What an addition did to the entry of its number. */
export interface Added {
  /** Of the entry. */
  id: number;
  effect: 'added' | 'prolonged' | 'unchanged';
}

/**
 * Adds numbers, under the lock of the organization, and ends the queued calls to those whose entry is new or lasts longer.
 * @param additions of different numbers. @param at by the wall clock.
 */
export async function addNumbers(
  services: Pick<Services, 'config' | 'clock' | 'chance'>,
  session: WriteSession,
  organizationId: number,
  additions: readonly Addition[],
  at: Date,
): Promise<Added[]> {
  await session.lock('organization', organizationId);
  await markDoNotCall(session, organizationId);
  const former = await Promise.all(
    additions.map(({ number }) => findEnd(session, { organizationId, number })),
  );
  const added = await Promise.all(
    additions.map(async ({ number, ...content }, index): Promise<Added> => {
      const entry = former[index];
      const values = { ...content, at: at.toISOString() };
      if (entry === undefined) {
        return { id: await insertRow(session, { organizationId, number, ...values }), effect: 'added' };
      }
      const { id } = entry;
      if (!lastsLonger(content.until, entry.until)) return { id, effect: 'unchanged' };
      await replaceRow(session, { id, ...values });
      return { id, effect: 'prolonged' };
    }),
  );
  const changed = additions.filter((_addition, index) => added[index]?.effect !== 'unchanged');
  await cancelCallsTo(services, session, organizationId, changed);
  return added;
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
    const [added] = await addNumbers(services, session, organizationId, [addition], now);
    if (added !== undefined && added.effect !== 'unchanged')
      await recordAudit({ clock }, session, actor, { action: 'do_not_call.added', subjectId: added.id });
    return findRow(session, { organizationId, number: addition.number });
  });
  if (row === undefined) throw new Error('An entry that was just written is not there');
  deliveryAlarm.ringIn(0);
  return present(row, now);
}

/** The addition that a request asks for. @throws Problem unprocessable for an end that has passed, or that no clock reaches. */
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
  if (end <= now) throw wrongEnd('This instant has passed. Write a later one, or null for good');
  // Ends are compared as texts, and a year of five digits begins with a plus: an offset may lead there.
  if (end.getUTCFullYear() > 9999) throw wrongEnd('Write an instant before the year 10000, or null for good');
  return end.toISOString();
}

function wrongEnd(msg: string): Problem {
  return invalidPlace({ type: 'value_error', loc: ['body', 'until'], msg, input: null });
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
  const rows = await listRange(storage.read, organizationId, range, limit + 1);
  const now = clock.now();
  const entries = rows.slice(0, limit).map((row) => present(row, now));
  return { entries, next_after: rows.length > limit ? (entries.at(-1)?.number ?? null) : null };
}

/** As `listEntries`, for whoever shows the rows differently. */
export function listRange(
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
