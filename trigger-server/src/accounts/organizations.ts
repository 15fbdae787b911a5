/** Organizations and their users. A new account is one organization with one user. */
import type { Services } from '../services';
import type { Session, WriteSession } from '../storage/port';
import {
  callLimitsQuery,
  countOrganizationsQuery,
  demoOrganizationQuery,
  insertOrganization,
  insertUser,
  markAsDemoQuery,
  markDoNotCallQuery,
  organizationIdsQuery,
  runCountQuery,
  runCounter,
  savePolicyQuery,
} from './store';

/**
 * @param account `passwordHash` is null for a user who cannot log in. @throws UniqueViolation when the e-mail is taken.
 */
export async function createAccount(
  services: Pick<Services, 'config' | 'clock' | 'chance'>,
  session: Session,
  account: { email: string; passwordHash: string | null; name: string | null },
): Promise<{ organizationId: number; userId: number }> {
  const at = services.clock.now().toISOString();
  const providerId = services.chance.uuid();
  const organizationId = await insertOrganization(
    session,
    `org_${providerId}`,
    services.config.defaultConcurrencyLimit,
    at,
  );
  const userId = await insertUser(session, { ...account, organizationId, providerId, at });
  return { organizationId, userId };
}

/** Adds a user to an organization. @throws UniqueViolation when the e-mail is taken. */
export async function addMember(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  organizationId: number,
  account: { email: string; passwordHash: string | null; name: string | null },
): Promise<{ organizationId: number; userId: number }> {
  const at = services.clock.now().toISOString();
  const providerId = services.chance.uuid();
  return {
    organizationId,
    userId: await insertUser(session, { ...account, organizationId, providerId, at }),
  };
}

/** The organization that the first start made, whatever its user is called now; null if there is none. */
export async function findDemoOrganization(session: Session): Promise<number | null> {
  return (await demoOrganizationQuery.first(session, {}))?.id ?? null;
}

export async function markAsDemo(session: Session, organizationId: number): Promise<void> {
  await markAsDemoQuery.changes(session, { id: organizationId });
}

export async function countOrganizations(session: Session): Promise<number> {
  return Number((await countOrganizationsQuery.first(session, {}))?.count ?? 0);
}

/** The limits of an organization's calls. */
export interface CallLimits {
  /** How many calls may be under way at once. */
  slots: number;
  /** How many calls are under way. */
  openRuns: number;
  /** How many calls wait in the queue, but for those of campaigns. */
  queuedRuns: number;
  /** `DestinationPolicy` as JSON; null: the default one. */
  policy: string | null;
  /** 0: nothing was ever on its do-not-call list. */
  hasDoNotCall: number;
}

/** An organization that does not exist has no slots. */
export async function findCallLimits(session: Session, organizationId: number): Promise<CallLimits> {
  return (
    (await callLimitsQuery.first(session, { id: organizationId })) ?? {
      slots: 0,
      openRuns: 0,
      queuedRuns: 0,
      policy: null,
      hasDoNotCall: 0,
    }
  );
}

/** @param policy `DestinationPolicy` as JSON. */
export function saveDestinationPolicy(
  session: Session,
  organizationId: number,
  policy: string,
): Promise<number> {
  return savePolicyQuery.changes(session, { id: organizationId, policy });
}

/** Notes that the do-not-call list of the organization is not empty, in the transaction that adds to it. */
export async function markDoNotCall(session: Session, organizationId: number): Promise<void> {
  await markDoNotCallQuery.changes(session, { id: organizationId });
}

/** Counts new runs: those among them that take a slot, and those that wait, but for those of campaigns. */
export function countOpenedRuns(
  session: WriteSession,
  organizationId: number,
  { runs, slots, queued }: { runs: number; slots: number; queued: number },
): Promise<void> {
  return session.add(runCounter, organizationId, [runs, slots, queued]);
}

/** Counts runs that leave the queue for their dial. @param ofQueue those among them that are of no campaign. */
export function countTakenRuns(
  session: WriteSession,
  organizationId: number,
  { slots, ofQueue }: { slots: number; ofQueue: number },
): Promise<void> {
  return session.add(runCounter, organizationId, [0, slots, -ofQueue]);
}

/** Frees the slot of a run, in the transaction that ends it. */
export function countEndedRun(session: WriteSession, organizationId: number): Promise<void> {
  return session.add(runCounter, organizationId, [0, -1, 0]);
}

/** Frees the slot of a run, in the transaction that queues it again. */
export function countRequeuedRun(
  session: WriteSession,
  run: { organization_id: number; campaign_id: number | null },
): Promise<void> {
  return session.add(runCounter, run.organization_id, [0, -1, inQueue(run)]);
}

/** Counts a run that leaves the queue without a dial. */
export function countUndialledRun(
  session: WriteSession,
  run: { organization_id: number; campaign_id: number | null },
): Promise<void> {
  return session.add(runCounter, run.organization_id, [0, 0, -inQueue(run)]);
}

/** A campaign limits by itself how many of its calls wait. */
function inQueue({ campaign_id: campaignId }: { campaign_id: number | null }): number {
  return campaignId === null ? 1 : 0;
}

/** Corrects the number of open runs. @param by how many it is too low. */
export function correctOpenRuns(session: WriteSession, organizationId: number, by: number): Promise<void> {
  return session.add(runCounter, organizationId, [0, by, 0]);
}

/** Takes deleted runs off the count. */
export function uncountOrganizationRuns(
  session: WriteSession,
  organizationId: number,
  count: number,
): Promise<void> {
  return session.add(runCounter, organizationId, [-count, 0, 0]);
}

/** The ids of the organizations after this one, at most `limit`. */
export async function listOrganizationIds(session: Session, after: number, limit: number): Promise<number[]> {
  return (await organizationIdsQuery.all(session, { after, limit })).map(({ id }) => id);
}

/** The number of runs of all agents of the organization. */
export async function findOrganizationRunCount(session: Session, organizationId: number): Promise<number> {
  return (await runCountQuery.first(session, { id: organizationId }))?.count ?? 0;
}
