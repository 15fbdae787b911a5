/**
 * The addresses that carriers report to. Each contains an HMAC of ours over provider, configuration, run, attempt,
 * purpose and turn. It protects a run from forged reports if the carrier signs its callbacks not at all or only in part. It is in the
 * path, because some carriers drop queries.
 */
import { createHmac } from 'node:crypto';
import { verifyingKeys, type SigningKeys } from '../../secrets';
import type { Services } from '../../services';
import { sameSecret } from '../../same-secret';
import { callName, readCallName, type CallAttempt } from '../../carriers/port/call-name';
import type { CallbackPurpose } from '../../carriers/port/purpose';

export interface CallbackTarget extends CallAttempt {
  provider: string;
  configurationId: number;
  purpose: CallbackPurpose;
  /** The turn of the conversation. 0 is the opening, and the only turn of a call without a conversation. */
  turn: number;
}

/** Below `/api/v1`; Express's form of the path is in `callback-routes.ts`. */
const folder = '/telephony/callbacks';

/** @throws Error when the server has no PUBLIC_BASE_URL. */
export function callbackUrl(services: Pick<Services, 'config' | 'secrets'>, target: CallbackTarget): string {
  const base = services.config.publicBaseUrl;
  if (base === null) throw new Error('A callback URL was asked for, but PUBLIC_BASE_URL is not set');
  const { provider, purpose, turn } = target;
  const place = [provider, purpose, callName(target), String(turn), tokenFor(services.secrets, target)];
  return `${base}/api/v1${folder}/${place.join('/')}`;
}

/** What a path like that of `callbackUrl` names; null for any other one. */
export function readRelayPath(path: string): (CallAttempt & { provider: string; token: string }) | null {
  const [, provider, name = '', token] = relayPath.exec(path) ?? [];
  const call = readCallName(name);
  return provider === undefined || token === undefined || call === null ? null : { ...call, provider, token };
}

const relayPath = new RegExp(`^/api/v1${folder}/([^/?]{1,40})/relay/([^/?]{1,20})/0/([^/?]{1,100})$`);

/** The addresses of one call's opening, by purpose. */
export function openingUrls(
  services: Pick<Services, 'config' | 'secrets'>,
  call: Omit<CallbackTarget, 'purpose' | 'turn'>,
): (purpose: CallbackPurpose) => string {
  return (purpose) => callbackUrl(services, { ...call, purpose, turn: 0 });
}

/** Whether the token belongs to exactly this target. */
export function isCallbackToken(
  services: Pick<Services, 'secrets'>,
  target: CallbackTarget,
  token: string,
): boolean {
  return verifyingKeys(services.secrets).some((keys) => sameSecret(tokenFor(keys, target), token));
}

function tokenFor({ callbackKey }: SigningKeys, target: CallbackTarget): string {
  const { provider, configurationId, purpose, turn } = target;
  return createHmac('sha256', callbackKey)
    .update(`${provider}:${String(configurationId)}:${callName(target)}:${purpose}:${String(turn)}`)
    .digest('base64url');
}
