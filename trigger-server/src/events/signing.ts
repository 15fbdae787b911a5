/** The organization's signing secret, and the signature headers by which a receiver verifies an event. */
import { createHmac, randomBytes } from 'node:crypto';
import { signWebhook, type WebhookSecret } from '@dograh-trigger/shared';
import { recordAudit } from '../audit/audit';
import { limitedToCallsOf } from '../http/access/key-scope';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import { verifyingKeys, type SigningKeys } from '../secrets';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { deleteExpiredSecrets, insertSecret, listValidSecrets, retireSecret } from './secret-store';

type Needs = Pick<Services, 'storage' | 'clock' | 'secrets'>;

const secretBytes = 32;
/** How long receivers have to switch to a new secret, in milliseconds. */
const overlapMilliseconds = 24 * 60 * 60 * 1000;

/**
 * The secret by which the caller verifies events. A key with the scope `trigger` has a secret of its own: with that of the
 * organization, whoever has the key could forge events to all its receivers.
 * @throws Problem unavailable when another `SECRETS_KEY` sealed the organization's.
 */
export function readSecretFor(services: Needs, identity: Identity): Promise<WebhookSecret> {
  const key = limitedToCallsOf(identity);
  if (key === null) return readSecret(services, identity.organizationId);
  return Promise.resolve({ secret: secretOfKey(services.secrets, key), previous_secret_expires_at: null });
}

/** It is derived and not stored, so it changes with `SECRETS_KEY`, and cannot be rotated but by a new API key. */
function secretOfKey({ eventKey }: Pick<SigningKeys, 'eventKey'>, apiKeyId: number): string {
  const mac = createHmac('sha256', eventKey).update(`API key ${String(apiKeyId)}`);
  return `whsec_${mac.digest('base64')}`;
}

/** The current secret, created on first use. @throws Problem unavailable when another `SECRETS_KEY` sealed it. */
export async function readSecret(services: Needs, organizationId: number): Promise<WebhookSecret> {
  const [current, previous] = await validSecrets(services, organizationId);
  if (current === undefined) throw new Error(`Organization ${organizationId} has no webhook secret`);
  const secret = tryOpen(services, current.secret);
  if (secret === null) throw unreadable();
  return {
    secret,
    previous_secret_expires_at: previous?.expires_at ?? null,
  };
}

/** Creates a new secret. The previous one still signs for 24 hours, or until there are four newer ones. */
export async function rotateSecret(services: Needs, identity: Identity): Promise<WebhookSecret> {
  const { organizationId } = identity;
  await services.storage.write(async (session) => {
    await session.lock('organization', organizationId);
    const expiresAt = new Date(services.clock.now().getTime() + overlapMilliseconds).toISOString();
    await retireSecret(session, organizationId, expiresAt);
    await addSecret(services, session, organizationId);
    await recordAudit(services, session, identity, { action: 'webhook_secret.rotated' });
  });
  return readSecret(services, organizationId);
}

/**
 * The headers of Standard Webhooks for one attempt, with one signature per valid secret.
 * @throws Problem unavailable when another `SECRETS_KEY` sealed the secret.
 */
export async function signatureHeaders(
  services: Needs,
  message: { organizationId: number; signingKeyId: number | null; id: string; body: string },
  at: Date,
): Promise<Record<string, string>> {
  const timestampSeconds = Math.floor(at.getTime() / 1000);
  const secrets = await signingSecrets(services, message);
  const signatures = secrets.map((secret) =>
    signWebhook(secret, { id: message.id, timestampSeconds, body: message.body }),
  );
  if (signatures.length === 0) throw unreadable();
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  };
}

/** Deletes the earlier secrets of all organizations that sign no more. */
export async function forgetExpiredSecrets(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
): Promise<void> {
  await deleteExpiredSecrets(session, clock.now().toISOString());
}

async function signingSecrets(
  services: Needs,
  { organizationId, signingKeyId: key }: { organizationId: number; signingKeyId: number | null },
): Promise<string[]> {
  if (key !== null) return verifyingKeys(services.secrets).map((keys) => secretOfKey(keys, key));
  const valid = await validSecrets(services, organizationId);
  return valid.flatMap(({ secret: sealed }) => tryOpen(services, sealed) ?? []);
}

async function validSecrets(services: Needs, organizationId: number) {
  const now = services.clock.now().toISOString();
  const found = await listValidSecrets(services.storage.read, organizationId, now);
  if (found.some(({ expires_at }) => expires_at === null)) return found;
  return services.storage.write(async (session) => {
    await session.lock('organization', organizationId);
    // Another request may have created one meanwhile.
    const secrets = await listValidSecrets(session, organizationId, now);
    if (secrets.length > 0) return secrets;
    await addSecret(services, session, organizationId);
    return listValidSecrets(session, organizationId, now);
  });
}

async function addSecret(
  services: Pick<Services, 'clock' | 'secrets'>,
  session: Session,
  organizationId: number,
): Promise<void> {
  const secret = `whsec_${randomBytes(secretBytes).toString('base64')}`;
  await insertSecret(session, {
    organizationId,
    secret: services.secrets.encrypt(secret),
    at: services.clock.now().toISOString(),
  });
}

/** Null for a secret that was sealed with another `SECRETS_KEY`. */
function tryOpen(services: Pick<Services, 'secrets'>, sealed: string): string | null {
  try {
    return services.secrets.decrypt(sealed);
  } catch {
    return null;
  }
}

function unreadable(): Problem {
  return new Problem(
    'unavailable',
    'The webhook secret cannot be read. Start the server with the SECRETS_KEY it was saved under, or rotate the secret.',
    { internal: 'SECRETS_KEY does not open a webhook secret' },
  );
}
