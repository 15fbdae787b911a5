/**
 * What only one process of a database may have at a time, such as the connection to one PBX. Its holder renews the lease;
 * when it does not, another process takes it. The note tells the others what the holder knows.
 */
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { releaseQuery, takeQuery, validQuery } from './lease-store';

type Needs = Pick<Services, 'clock' | 'thisProcess'>;

export interface Lease {
  name: string;
  /** The process (`processes.id`) that holds it. */
  owner: string;
  note: string;
}

/** Later than the end of any lease. */
const never = '9999-12-31T23:59:59.999Z';

/**
 * Takes a lease that is free, or renews one that this process holds. A process that is alone takes every lease.
 * @param values `until`: by the steady clock. @returns whether this process holds it now.
 */
export async function takeLease(
  { clock, thisProcess }: Needs,
  session: Session,
  { name, until, note }: { name: string; until: Date; note: string },
): Promise<boolean> {
  const now = thisProcess.isAlone ? never : clock.steady().toISOString();
  const values = { name, owner: thisProcess.id, now, expiresAt: until.toISOString(), note };
  return (await takeQuery.changes(session, values)) > 0;
}

/** Lets another process take a lease at once. Does nothing if this process does not hold it. */
export async function releaseLease(
  { thisProcess }: Pick<Services, 'thisProcess'>,
  session: Session,
  name: string,
): Promise<void> {
  await releaseQuery.changes(session, { name, owner: thisProcess.id });
}

/** The leases that other processes hold, by name. */
export async function leasesOfOthers(
  { clock, thisProcess }: Needs,
  session: Session,
): Promise<ReadonlyMap<string, Lease>> {
  if (thisProcess.isAlone) return new Map();
  const leases = await validQuery.all(session, { now: clock.steady().toISOString() });
  return new Map(leases.filter(({ owner }) => owner !== thisProcess.id).map((lease) => [lease.name, lease]));
}
