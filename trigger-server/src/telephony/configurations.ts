/** Telephony configurations: one account at one carrier. Credentials are encrypted at rest and masked in replies. */
import type {
  JsonObject,
  TelephonyConfiguration,
  TelephonyConfigurationListItem,
} from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import { isUniqueViolation } from '../storage/sqlite';
import type { Session } from '../storage/storage';
import { callerIdsOf } from './caller-ids';
import { maskConfiguration, restoreMasked } from './masking';
import { outboundBlockedReason, setupChecklist } from './readiness';
import { findProvider, providers, type ProviderConfiguration } from './registry';
import {
  clearDefaultConfiguration,
  deleteConfiguration,
  findConfiguration,
  insertConfiguration,
  listConfigurations,
  listNumbers,
  listOrganizationNumbers,
  makeDefaultConfiguration,
  reactivateConfiguration,
  updateConfiguration,
  type ConfigurationRow,
} from './store';

export const configurationNotFound = 'Telephony configuration not found';

/** @throws Problem not_found. */
export async function requireConfiguration(
  session: Session,
  organizationId: number,
  id: number,
): Promise<ConfigurationRow> {
  const row = await findConfiguration(session, { organizationId, id });
  if (row === undefined) throw new Problem('not_found', configurationNotFound);
  return row;
}

/**
 * The provider's own settings, without `provider`.
 * @throws Problem unavailable when they were saved under another `SECRETS_KEY`.
 */
export function readCredentials(services: Services, row: Sealed): JsonObject {
  return JSON.parse(unseal(services, row)) as JsonObject;
}

function unseal(services: Services, row: Sealed): string {
  try {
    return services.secrets.decrypt(row.credentials);
  } catch (cause) {
    throw new Problem(
      'unavailable',
      `The stored credentials of '${row.name}' cannot be read. Start the server with the SECRETS_KEY they were saved under, or delete this telephony configuration and create it again.`,
      { internal: `SECRETS_KEY does not open telephony configuration ${String(row.id)}`, cause },
    );
  }
}

type Sealed = Pick<ConfigurationRow, 'id' | 'name' | 'credentials'>;

/** @throws a unique violation when the organization has a configuration of this name. */
export async function createConfiguration(
  services: Services,
  session: Session,
  wish: { organizationId: number; name: string; isDefaultOutbound: boolean; config: ProviderConfiguration },
): Promise<number> {
  const { provider, ...credentials } = wish.config;
  if (wish.isDefaultOutbound) await clearDefaultConfiguration(session, wish.organizationId);
  return insertConfiguration(session, {
    organizationId: wish.organizationId,
    name: wish.name,
    provider,
    credentials: services.secrets.encrypt(JSON.stringify(credentials)),
    isDefault: wish.isDefaultOutbound ? 1 : 0,
    at: services.clock.now().toISOString(),
  });
}

/** @throws Problem conflict when the name is taken. */
export async function addConfiguration(
  services: Services,
  wish: Parameters<typeof createConfiguration>[2],
): Promise<TelephonyConfiguration> {
  const id = await named(wish.name, () =>
    services.storage.write((session) => createConfiguration(services, session, wish)),
  );
  return readConfiguration(services, wish.organizationId, id);
}

/** @throws Problem bad_request when the provider would change; conflict when the name is taken; not_found. */
export async function changeConfiguration(
  services: Services,
  organizationId: number,
  id: number,
  wish: { name?: string | null; config?: ProviderConfiguration | null },
): Promise<TelephonyConfiguration> {
  await named(wish.name ?? '', () =>
    services.storage.write(async (session) => {
      const row = await requireConfiguration(session, organizationId, id);
      await updateConfiguration(session, {
        id,
        name: wish.name ?? row.name,
        credentials: wish.config ? changedCredentials(services, row, wish.config) : row.credentials,
        at: services.clock.now().toISOString(),
      });
    }),
  );
  return readConfiguration(services, organizationId, id);
}

/** Sealed. A secret that came back as its mask is the stored one. */
function changedCredentials(
  services: Services,
  row: ConfigurationRow,
  config: ProviderConfiguration,
): string {
  const { provider, ...update } = config;
  if (provider !== row.provider) {
    throw new Problem('bad_request', 'Provider cannot be changed; create a new configuration instead.');
  }
  const { configuration } = providers[provider];
  return services.secrets.encrypt(
    JSON.stringify(restoreMasked(configuration, readCredentials(services, row), update)),
  );
}

export async function listOwnConfigurations(
  services: Services,
  organizationId: number,
): Promise<TelephonyConfigurationListItem[]> {
  const session = services.storage.read;
  const numbers = await listOrganizationNumbers(session, organizationId);
  return (await listConfigurations(session, organizationId)).map((row) => {
    const active = numbers.filter(
      (number) => number.telephony_configuration_id === row.id && number.is_active === 1,
    );
    const reason = outboundBlockedReason(
      row.provider,
      findProvider(row.provider),
      callerIdsOf(row, numbers).length,
    );
    return {
      ...presentFacts(row),
      phone_number_count: active.length,
      is_ready_for_outbound: reason === null,
      outbound_blocked_reason: reason,
    };
  });
}

/** @throws Problem not_found. */
export async function readConfiguration(
  services: Services,
  organizationId: number,
  id: number,
): Promise<TelephonyConfiguration> {
  const session = services.storage.read;
  const row = await requireConfiguration(session, organizationId, id);
  const callerIds = callerIdsOf(row, await listNumbers(session, organizationId, id));
  const provider = findProvider(row.provider);
  return {
    ...presentFacts(row),
    credentials:
      provider === undefined ? {} : maskConfiguration(provider.configuration, readCredentials(services, row)),
    sip_connectivity: null,
    setup_checklist: setupChecklist(row.provider, provider, callerIds.length),
    supports_trunks: false,
    trunks: [],
  };
}

/** @throws Problem not_found. */
export async function setDefaultOutbound(services: Services, organizationId: number, id: number) {
  await services.storage.write(async (session) => {
    await requireConfiguration(session, organizationId, id);
    await makeDefaultConfiguration(session, { organizationId, id }, services.clock.now().toISOString());
  });
  return readConfiguration(services, organizationId, id);
}

/** @throws Problem not_found. */
export async function reactivate(services: Services, organizationId: number, id: number) {
  await services.storage.write(async (session) => {
    await requireConfiguration(session, organizationId, id);
    await reactivateConfiguration(session, id, services.clock.now().toISOString());
  });
  return readConfiguration(services, organizationId, id);
}

/** @throws Problem not_found. */
export async function removeConfiguration(
  services: Services,
  organizationId: number,
  id: number,
): Promise<void> {
  await services.storage.write(async (session) => {
    await requireConfiguration(session, organizationId, id);
    await deleteConfiguration(session, id);
  });
}

function presentFacts(row: ConfigurationRow) {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    connectivity: findProvider(row.provider)?.connectivity ?? null,
    is_default_outbound: row.is_default_outbound === 1,
    inactive: row.inactive_since !== null,
    inactive_since: row.inactive_since,
    inactive_reason: row.inactive_reason,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

async function named<Result>(name: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new Problem(
      'conflict',
      `A telephony configuration named '${name}' already exists in this organization. Pick a different name.`,
      { cause: error },
    );
  }
}
