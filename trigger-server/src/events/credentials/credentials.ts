/** Stored credentials of webhook nodes: encrypted at rest, decrypted at each attempt, never shown. */
import {
  isStorableText,
  type CreateWebhookCredentialRequest,
  type JsonObject,
  type UpdateWebhookCredentialRequest,
  type WebhookCredential,
  type WebhookCredentialType,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { validate } from '../../http/validation';
import { recordAudit, type Actor } from '../../audit/audit';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { UniqueViolation, type Session } from '../../storage/port';
import {
  deleteCredential,
  findCredential,
  insertCredential,
  listCredentials,
  updateCredential,
  type CredentialRow,
} from './credential-store';
import { isHeaderName, isHeaderValue } from './custom-headers';

const headerName = z
  .string()
  .refine(isHeaderName, 'Input should be the name of a header that may be set, such as X-API-Key');
const headerValue = z
  .string()
  .min(1)
  .refine(isHeaderValue, 'Input should be at most 8192 printable ASCII characters');
const basicPart = z.string().max(1024);

interface CredentialKind<Data> {
  data: z.ZodType<Data>;
  /** The authentication header. */
  header(data: Data): Record<string, string>;
}

function kind<Data>(definition: CredentialKind<Data>) {
  return {
    /** @throws Problem unprocessable at `body.credential_data`. */
    check: (data: JsonObject): JsonObject => {
      const body = z.object({ credential_data: definition.data });
      return validate(body, { credential_data: data }, 'body').credential_data as JsonObject;
    },
    header: (stored: unknown) => definition.header(definition.data.parse(stored)),
  };
}

const kinds = {
  none: kind({ data: z.object({}), header: () => ({}) }),
  api_key: kind({
    data: z.object({ api_key: headerValue, header_name: headerName.default('X-API-Key') }),
    header: (data) => ({ [data.header_name.toLowerCase()]: data.api_key }),
  }),
  bearer_token: kind({
    data: z.object({ token: headerValue }),
    header: ({ token }) => ({ authorization: `Bearer ${token}` }),
  }),
  basic_auth: kind({
    data: z.object({
      username: basicPart.refine((name) => !name.includes(':'), 'A user name cannot have a colon'),
      password: basicPart,
    }),
    header: ({ username, password }) => ({
      authorization: `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`,
    }),
  }),
  custom_header: kind({
    data: z.object({ header_name: headerName, header_value: headerValue }),
    header: (data) => ({ [data.header_name.toLowerCase()]: data.header_value }),
  }),
} satisfies Record<WebhookCredentialType, unknown>;

/** @throws Problem conflict when the name is taken; unprocessable for data that does not fit the type. */
export async function addCredential(
  services: Pick<Services, 'storage' | 'clock' | 'chance' | 'secrets'>,
  actor: Actor,
  request: CreateWebhookCredentialRequest,
): Promise<WebhookCredential> {
  const data = kinds[request.credential_type].check(request.credential_data);
  const row = {
    uuid: services.chance.uuid(),
    organization_id: actor.organizationId,
    name: request.name,
    description: request.description ?? null,
    credential_type: request.credential_type,
    data: seal(services, data),
    created_at: services.clock.now().toISOString(),
    updated_at: null,
  };
  await withNameConflict(request.name, () =>
    services.storage.write(async (session) => {
      await insertCredential(session, row);
      await recordAudit(services, session, actor, { action: 'credential.created', subjectId: row.uuid });
    }),
  );
  return present(row);
}

/**
 * Changes the given fields. A new type requires new data.
 * @throws Problem not_found; conflict when the name is taken; unprocessable for data that does not fit the type.
 */
export async function changeCredential(
  services: Pick<Services, 'storage' | 'clock' | 'secrets'>,
  actor: Actor,
  uuid: string,
  request: UpdateWebhookCredentialRequest,
): Promise<WebhookCredential> {
  return withNameConflict(request.name ?? '', () =>
    services.storage.write(async (session) => {
      const before = await requireCredential(session, actor.organizationId, uuid);
      const type = request.credential_type ?? before.credential_type;
      const isOtherType = type !== before.credential_type;
      const given = request.credential_data ?? (isOtherType ? {} : null);
      const row = {
        ...before,
        name: request.name ?? before.name,
        description: request.description ?? before.description,
        credential_type: type,
        data: given === null ? before.data : seal(services, kinds[type].check(given)),
        updated_at: services.clock.now().toISOString(),
      };
      await updateCredential(session, row);
      await recordAudit(services, session, actor, {
        action: 'credential.changed',
        subjectId: uuid,
        changed: Object.entries(request).flatMap(([name, value]) => (value == null ? [] : [name])),
      });
      return present(row);
    }),
  );
}

export async function listOwnCredentials(
  services: Pick<Services, 'storage'>,
  organizationId: number,
): Promise<WebhookCredential[]> {
  return (await listCredentials(services.storage.read, organizationId)).map(present);
}

/** @throws Problem not_found. */
export async function readCredential(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  uuid: string,
): Promise<WebhookCredential> {
  return present(await requireCredential(services.storage.read, organizationId, uuid));
}

/** @throws Problem not_found. */
export async function removeCredential(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  uuid: string,
): Promise<void> {
  await services.storage.write(async (session) => {
    if (!(await deleteCredential(session, actor.organizationId, uuid))) throw notFound();
    await recordAudit(services, session, actor, { action: 'credential.deleted', subjectId: uuid });
  });
}

/**
 * The header of a stored credential. A deleted credential yields none, as in Dograh: the receiver then refuses the
 * request.
 * @throws Problem unavailable when another `SECRETS_KEY` sealed it.
 */
export async function credentialHeader(
  services: Pick<Services, 'storage' | 'secrets'>,
  organizationId: number,
  uuid: string,
): Promise<Record<string, string>> {
  // A definition may hold any text here.
  const row = isStorableText(uuid)
    ? await findCredential(services.storage.read, organizationId, uuid)
    : undefined;
  if (row === undefined) return {};
  return kinds[row.credential_type].header(unseal(services, row));
}

/** Whether the organization has such a credential. */
export async function hasCredential(
  session: Session,
  organizationId: number,
  uuid: string,
): Promise<boolean> {
  return (await findCredential(session, organizationId, uuid)) !== undefined;
}

async function requireCredential(
  session: Session,
  organizationId: number,
  uuid: string,
): Promise<CredentialRow> {
  const row = await findCredential(session, organizationId, uuid);
  if (row === undefined) throw notFound();
  return row;
}

function notFound(): Problem {
  return new Problem('not_found', 'Credential not found');
}

async function withNameConflict<Result>(name: string, save: () => Promise<Result>): Promise<Result> {
  try {
    return await save();
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    throw new Problem('conflict', `A credential with the name '${name}' already exists`);
  }
}

function seal(services: Pick<Services, 'secrets'>, data: JsonObject): string {
  return services.secrets.encrypt(JSON.stringify(data));
}

function unseal(services: Pick<Services, 'secrets'>, row: CredentialRow): unknown {
  try {
    return JSON.parse(services.secrets.decrypt(row.data));
  } catch (cause) {
    throw new Problem(
      'unavailable',
      'The stored credential cannot be read. Start the server with the SECRETS_KEY it was saved under, or save it again.',
      { internal: `SECRETS_KEY does not open webhook credential ${String(row.id)}`, cause },
    );
  }
}

function present(row: Omit<CredentialRow, 'id'>): WebhookCredential {
  return {
    uuid: row.uuid,
    name: row.name,
    description: row.description,
    credential_type: row.credential_type,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
