/** Organizations and their users. A new account is one organization with one user. */
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { findUserByEmail, insertOrganization, insertUser } from './store';

export { countOrganizations } from './store';

/** @param account `passwordHash` is null for a user who cannot log in. @throws a unique violation when the e-mail is taken. */
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

/** The organization of the user with this e-mail address, or null. */
export async function findOrganizationOf(session: Session, email: string): Promise<number | null> {
  return (await findUserByEmail(session, email))?.organization_id ?? null;
}
