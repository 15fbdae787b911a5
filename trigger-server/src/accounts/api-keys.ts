/** API keys: `dgr_` and 32 random bytes. A key is shown once; only its SHA-256 is stored. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyScope } from '@dograh-trigger/shared';
import { recordAudit, type Actor } from '../audit/audit';
import { describeError } from '../describe-error';
import { invalidPlace, Problem } from '../problem';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import {
  apiKeyNameQuery,
  findLiveApiKey,
  insertApiKey,
  listApiKeys,
  listKeysOfAll,
  parseIds,
  setApiKeyArchived,
  touchApiKey,
  type LiveApiKey,
} from './store';

/** The precision of `last_used_at`. A write on every request would cost too much. */
const touchIntervalMilliseconds = 60_000;
const prefixLength = 8;

/** The stored form of a key: the hex SHA-256 of the whole key. */
export function hashApiKey(key: string): string {
  return hash('sha256', key, 'hex');
}

/** What a key may do, and for how long. */
export interface KeyLimits {
  /** Left out: `admin`. */
  scope?: KeyScope;
  /** The ids of the agents that it may call; left out: all. */
  agentIds?: readonly number[] | null;
  /** Left out: it does not expire. */
  expiresAt?: Date | null;
}

/**
 * @param request `key` is set only for the operator's own first key (BOOTSTRAP_API_KEY); otherwise a key is generated.
 */
export async function createApiKey(
  services: Pick<Services, 'clock'>,
  session: Session,
  request: { organizationId: number; userId: number | null; name: string; key?: string } & KeyLimits,
) {
  const key = request.key ?? `dgr_${randomBytes(32).toString('base64url')}`;
  const prefix = key.slice(0, prefixLength);
  const at = services.clock.now().toISOString();
  const id = await insertApiKey(session, {
    organizationId: request.organizationId,
    name: request.name,
    hash: hashApiKey(key),
    prefix,
    createdBy: request.userId,
    at,
    scope: request.scope ?? 'admin',
    agentIds: request.agentIds == null ? null : JSON.stringify(request.agentIds),
    expiresAt: request.expiresAt?.toISOString() ?? null,
  });
  return { id, name: request.name, key, prefix, createdAt: at };
}

/**
 * Creates a key for a user of the organization.
 * @throws Problem unprocessable for a time in the past, and for agents with another scope than `trigger`.
 */
export function addApiKey(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  request: { userId: number | null; name: string } & KeyLimits,
) {
  assertLimits(services, request);
  return services.storage.write(async (session) => {
    const { organizationId } = actor;
    const key = await createApiKey(services, session, { ...request, organizationId });
    await recordAudit(services, session, actor, { action: 'api_key.created', subjectId: key.id });
    return key;
  });
}

function assertLimits({ clock }: Pick<Services, 'clock'>, { scope, agentIds, expiresAt }: KeyLimits): void {
  if (agentIds != null && scope !== 'trigger')
    throw invalid('agents', 'Only a key with the scope trigger can be limited to agents');
  if (expiresAt != null && expiresAt.getTime() <= clock.now().getTime())
    throw invalid('expires_at', 'Input should be a time to come');
}

function invalid(field: string, msg: string): Problem {
  return invalidPlace({ type: 'value_error', loc: ['body', field], msg, input: null });
}

/**
 * Finds the key of a request unless it is archived or has expired. It is never cached, so that archiving takes effect at once on every
 * replica.
 */
export async function findApiKey(
  services: Pick<Services, 'storage' | 'clock' | 'log'>,
  key: string,
): Promise<LiveApiKey | null> {
  const keyHash = hashApiKey(key);
  const row = await findLiveApiKey(services.storage.read, keyHash);
  if (row === undefined || !timingSafeEqual(Buffer.from(row.key_hash), Buffer.from(keyHash))) return null;
  const now = services.clock.now();
  if (row.expires_at !== null && row.expires_at <= now.toISOString()) return null;
  if (
    row.last_used_at === null ||
    now.getTime() - Date.parse(row.last_used_at) >= touchIntervalMilliseconds
  ) {
    noteUse(services, row.id, now);
  }
  return row;
}

/** Runs in the background: the request neither waits for it nor fails with it. */
function noteUse(services: Pick<Services, 'storage' | 'log'>, id: number, at: Date): void {
  services.storage
    .write((session) => touchApiKey(session, id, at.toISOString()))
    .catch((error: unknown) => {
      services.log.warn({ error: describeError(error) }, 'the last use of an API key could not be noted');
    });
}

/** The name of a key, archived or not. */
export async function findApiKeyName(session: Session, id: number): Promise<string | null> {
  return (await apiKeyNameQuery.first(session, { id }))?.name ?? null;
}

/** @param includeArchived whether archived keys are listed as well. */
export async function listOwnApiKeys(
  services: Pick<Services, 'config' | 'storage'>,
  organizationId: number,
  includeArchived: boolean,
) {
  const rows = await listApiKeys(services.storage.read, organizationId);
  return rows
    .filter((row) => includeArchived || row.archived_at === null)
    .map((row) => ({
      id: row.id,
      name: row.name,
      key_prefix: row.key_prefix,
      is_active: row.archived_at === null,
      created_at: row.created_at,
      last_used_at: row.last_used_at,
      archived_at: row.archived_at,
      ...(services.config.extensions.size === 0
        ? {}
        : {
            created_by: row.created_by,
            scope: row.scope,
            agents: parseIds(row.agent_ids),
            expires_at: row.expires_at,
          }),
    }));
}

/** The keys of all organizations, for the operator. */
export async function listAllApiKeys(session: Session) {
  return (await listKeysOfAll(session)).map(({ key_hash: _secret, agent_ids, ...key }) => ({
    ...key,
    agents: parseIds(agent_ids),
  }));
}

/** @throws Problem not_found. */
export function archiveApiKey(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  id: number,
): Promise<void> {
  return setArchived(services, actor, id, services.clock.now().toISOString());
}

/** @throws Problem not_found. */
export function reactivateApiKey(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  id: number,
): Promise<void> {
  return setArchived(services, actor, id, null);
}

async function setArchived(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  id: number,
  at: string | null,
): Promise<void> {
  await services.storage.write(async (session) => {
    if (!(await setApiKeyArchived(session, actor.organizationId, id, at)))
      throw new Problem('not_found', 'API key not found');
    const action = at === null ? 'api_key.reactivated' : 'api_key.archived';
    await recordAudit(services, session, actor, { action, subjectId: id });
  });
}
