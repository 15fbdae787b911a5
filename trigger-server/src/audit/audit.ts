/** Records what people, keys and commands change, and reads it. Nothing changes or deletes a record. */
import type { AuditAction, AuditEntry, AuditPage } from '@dograh-trigger/shared';
import type { Identity } from '../http/route';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { countSince, insertEntry, listEntries, type AuditFilter, type AuditRow } from './store';

/** Who changes something. An `Identity` is one, too. Without user, key and command it is the server itself. */
export interface Actor extends Pick<Identity, 'organizationId' | 'userId' | 'apiKeyId'> {
  /** Null for a command and for the server. */
  requestId: string | null;
  /** The command of `npm run admin`, which acts for no user and no key. */
  command?: string;
}

export function commandActor(command: string, organizationId: number): Actor {
  return { organizationId, userId: null, apiKeyId: null, requestId: null, command };
}

export function serverActor(organizationId: number): Actor {
  return { organizationId, userId: null, apiKeyId: null, requestId: null };
}

export interface Change {
  action: AuditAction;
  /** The id of what was changed. Leave it out where an organization has one of its kind only. */
  subjectId?: number | string | undefined;
  /** Names of changed fields, or how much was removed. Never values: they could be secrets, or personal. */
  changed?: readonly string[];
}

/** Records a change in the transaction that makes it, so that neither is there without the other. */
export async function recordAudit(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  actor: Actor,
  { action, subjectId, changed = [] }: Change,
): Promise<void> {
  await insertEntry(session, {
    organizationId: actor.organizationId,
    at: clock.now().toISOString(),
    action,
    subjectId: subjectId === undefined ? null : String(subjectId),
    changed: changed.length === 0 ? null : JSON.stringify(changed),
    // A key acts for the user who created it, who may know nothing of it.
    userId: actor.apiKeyId === null ? actor.userId : null,
    apiKeyId: actor.apiKeyId,
    command: actor.command ?? null,
    requestId: actor.requestId,
  });
}

/** An organization has at most this many failed sign-ins an hour in its trail, so that a stranger cannot fill it. */
const mostFailedSignIns = 20;
const hourMilliseconds = 60 * 60 * 1000;

/** Records a failed sign-in to an account of the organization. */
export async function recordFailedSignIn(
  services: Pick<Services, 'clock'>,
  session: Session,
  actor: Actor,
): Promise<void> {
  const action = 'user.sign_in_failed';
  const since = new Date(services.clock.now().getTime() - hourMilliseconds).toISOString();
  const { organizationId } = actor;
  const recent = await countSince(session, { organizationId, action, since, limit: mostFailedSignIns });
  if (recent < mostFailedSignIns) await recordAudit(services, session, actor, { action });
}

/** One page of the organization's trail, newest first. */
export async function listAudit(
  { storage }: Pick<Services, 'storage'>,
  filter: Omit<AuditFilter, 'limit'>,
  limit: number,
): Promise<AuditPage> {
  const rows = await listEntries(storage.read, { ...filter, limit: limit + 1 });
  const entries = rows.slice(0, limit).map(present);
  return { entries, next_before: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
}

function present(row: AuditRow): AuditEntry {
  const { user_id: userId, user_email: email, api_key_id: keyId, api_key_name: keyName } = row;
  return {
    id: row.id,
    at: row.at,
    action: row.action,
    subject_id: row.subject_id,
    changed: row.changed === null ? [] : (JSON.parse(row.changed) as string[]),
    user: userId === null || email === null ? null : { id: userId, email },
    key: keyId === null || keyName === null ? null : { id: keyId, name: keyName },
    command: row.command,
    request_id: row.request_id,
  };
}
