/**
 * The address to which a webhook node of an agent at another server posts when a call has ended. It contains an HMAC of
 * ours over the account. The address of a node is the same for all calls, so the request says which call it is.
 */
import { createHmac } from 'node:crypto';
import { sameSecret } from '../../same-secret';
import { verifyingKeys, type SigningKeys } from '../../secrets';
import type { Services } from '../../services';

interface Account {
  provider: string;
  id: number;
}

/** Null when the server has no PUBLIC_BASE_URL. */
export function accountWebhookUrl(
  { config, secrets }: Pick<Services, 'config' | 'secrets'>,
  account: Account,
): string | null {
  if (config.publicBaseUrl === null) return null;
  const place = [account.provider, String(account.id), tokenFor(secrets, account)];
  return `${config.publicBaseUrl}/api/v1/telephony/webhooks/${place.join('/')}`;
}

/** Whether the token belongs to exactly this account. */
export function isWebhookToken(
  { secrets }: Pick<Services, 'secrets'>,
  account: Account,
  token: string,
): boolean {
  return verifyingKeys(secrets).some((keys) => sameSecret(tokenFor(keys, account), token));
}

function tokenFor({ callbackKey }: SigningKeys, { provider, id }: Account): string {
  return createHmac('sha256', callbackKey)
    .update(`webhook:${provider}:${String(id)}`)
    .digest('base64url');
}
