/** Requests about do-not-call lists. */
import { createApiKey } from '../../trigger-server/src/accounts/api-keys';
import type { KeyScope } from '@dograh-trigger/shared';
import type { Account, TestServer } from './test-server';

export const listPath = '/api/v1/organizations/do-not-call';

/** The path of a number's entry. */
export function entryPath(number: string): string {
  return `${listPath}/${encodeURIComponent(number)}`;
}

export function byKeyOf({ apiKey }: Pick<Account, 'apiKey'>) {
  return { 'X-API-Key': apiKey };
}

export function bySessionOf({ token }: Pick<Account, 'token'>) {
  return { Authorization: `Bearer ${token}` };
}

/** @returns a further key of the organization. */
export async function keyWithScope(server: TestServer, account: Account, scope: KeyScope): Promise<string> {
  const { organizationId, userId } = account;
  const { key } = await server.storage.write((session) =>
    createApiKey(server.services, session, { organizationId, userId, name: scope, scope }),
  );
  return key;
}
