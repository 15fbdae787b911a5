/** Telephony configurations: one account at one carrier. Credentials are encrypted at rest and masked in replies. */
import { recordAudit, type Actor } from '../audit/audit';
import type {
  AccountVerification,
  TelephonyConfiguration,
  TelephonyConfigurationListItem,
} from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import { parseObject } from '../storage/columns';
import { UniqueViolation, type Session } from '../storage/port';
import * as z from 'zod';
import { validate } from '../http/validation';
import { askCarrier } from './accounts/ask-carrier';
import { assertCallsAreThere } from './accounts/open-calls';
import { accountWebhookUrl } from './accounts/webhook-url';
import { callerIdsOf } from './caller-ids';
import { readCredentials, unreadableReason } from './credentials';
import { carrierTools, type CarrierServices } from './tools';
import { maskConfiguration, restoreMasked } from '../carriers/masking';
import { abilitiesOf } from '../carriers/abilities';
import {
  defaultAnswerOf,
  outboundEnvironment,
  readinessOf,
  setupChecklist,
  shownBlockedReason,
} from './readiness';
import type { TelephonyProvider } from '../carriers/port/provider';
import {
  findProvider,
  providers,
  type ProviderConfiguration,
  type ProviderName,
  type UncheckedConfiguration,
} from '../carriers/registry';
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

type ReadNeeds = Pick<Services, 'config' | 'storage' | 'secrets' | 'connections' | 'hasModel'>;
type SaveNeeds = CarrierServices & Pick<Services, 'connections' | 'connectionKeeper'>;

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

interface NewConfiguration {
  organizationId: number;
  name: string;
  isDefaultOutbound: boolean;
  provider: ProviderName;
  /** The settings, parsed by the provider's schema. */
  settings: object;
}

/** @throws UniqueViolation when the organization has a configuration of this name. */
export async function createConfiguration(
  services: Pick<Services, 'clock' | 'secrets'>,
  session: Session,
  request: NewConfiguration,
): Promise<number> {
  if (request.isDefaultOutbound) await clearDefaultConfiguration(session, request.organizationId);
  return insertConfiguration(session, {
    organizationId: request.organizationId,
    name: request.name,
    provider: request.provider,
    credentials: seal(services, request.settings),
    isDefault: request.isDefaultOutbound ? 1 : 0,
    at: services.clock.now().toISOString(),
  });
}

/**
 * @throws Problem conflict when the name is taken; bad_request with the carrier's message when it refuses the settings.
 */
export async function addConfiguration(
  services: SaveNeeds,
  actor: Actor,
  request: { name: string; is_default_outbound: boolean; config: ProviderConfiguration },
): Promise<TelephonyConfiguration> {
  const { organizationId } = actor;
  const { provider, ...given } = request.config;
  const settings = await prepare(services, organizationId, provider, given);
  const id = await withNameConflict(request.name, () =>
    services.storage.write(async (session) => {
      const created = await createConfiguration(services, session, {
        organizationId,
        name: request.name,
        isDefaultOutbound: request.is_default_outbound,
        provider,
        settings,
      });
      await record(services, session, actor, 'created', created);
      return created;
    }),
  );
  await services.connectionKeeper.keep();
  await askIfNeeded(services, organizationId, id);
  const configuration = await readConfiguration(services, organizationId, id);
  return request.is_default_outbound ? withDefaultWarning(services, configuration) : configuration;
}

/**
 * @throws Problem bad_request when the provider would change, or the carrier refuses the settings (with its message);
 * conflict when the name is taken, or where calls are open that the new settings do not lead to; not_found; unprocessable
 * for settings that do not fit the provider.
 */
export async function changeConfiguration(
  services: SaveNeeds,
  actor: Actor,
  id: number,
  request: { name?: string | null; config?: UncheckedConfiguration | null },
): Promise<TelephonyConfiguration> {
  const { organizationId } = actor;
  const before = await requireConfiguration(services.storage.read, organizationId, id);
  const credentials = request.config ? await changedCredentials(services, before, request.config) : null;
  await withNameConflict(request.name ?? '', () =>
    services.storage.write(async (session) => {
      const row = await requireConfiguration(session, organizationId, id);
      await updateConfiguration(session, {
        id,
        name: request.name ?? row.name,
        credentials: credentials ?? row.credentials,
        at: services.clock.now().toISOString(),
      });
      await record(services, session, actor, 'changed', id, [
        ...(request.name == null ? [] : ['name']),
        ...(request.config ? namesOfSettings(request.config) : []),
      ]);
    }),
  );
  if (credentials !== null) {
    await services.connectionKeeper.keep();
    await askIfNeeded(services, organizationId, id);
  }
  return readConfiguration(services, organizationId, id);
}

/**
 * The sealed new settings. A secret that was sent as its mask keeps its stored value; then the provider's schema
 * validates all of them.
 */
async function changedCredentials(
  services: CarrierServices,
  row: ConfigurationRow,
  config: UncheckedConfiguration,
): Promise<string> {
  const { provider, ...update } = config;
  if (provider !== row.provider) {
    throw new Problem('bad_request', 'Provider cannot be changed; create a new configuration instead.');
  }
  const configuration: z.ZodObject = providers[provider].configuration;
  const stored = readCredentials(services, row);
  const restored = restoreMasked(configuration, stored, update);
  const { config: settings } = validate(z.object({ config: configuration }), { config: restored }, 'body');
  const prepared = await prepare(services, row.organization_id, provider, settings);
  await assertCallsAreThere(services, row, stored, prepared);
  return seal(services, prepared);
}

function seal(services: Pick<Services, 'secrets'>, settings: object): string {
  return services.secrets.encrypt(JSON.stringify(settings));
}

/** Lets the provider check and complete the settings with its carrier, if it can. */
async function prepare(
  services: CarrierServices,
  organizationId: number,
  name: ProviderName,
  settings: object,
): Promise<object> {
  const provider: TelephonyProvider = providers[name];
  const tools = carrierTools(services, name, organizationId);
  return (await provider.prepare?.({ ...settings }, tools)) ?? settings;
}

/** Asks a carrier at which more than the settings must be right. Its answer does not prevent saving. */
async function askIfNeeded(services: CarrierServices, organizationId: number, id: number): Promise<void> {
  const row = await findConfiguration(services.storage.read, { organizationId, id });
  if (row !== undefined && findProvider(row.provider)?.asksOnSave === true) await askCarrier(services, row);
}

export async function listOwnConfigurations(
  services: Pick<Services, 'config' | 'storage' | 'connections' | 'secrets'>,
  organizationId: number,
): Promise<TelephonyConfigurationListItem[]> {
  const session = services.storage.read;
  const numbers = await listOrganizationNumbers(session, organizationId);
  return (await listConfigurations(session, organizationId)).map((row) => {
    const active = numbers.filter(
      (number) => number.telephony_configuration_id === row.id && number.is_active === 1,
    );
    const reason =
      unreadableReason(services, row) ??
      shownBlockedReason(
        row.provider,
        findProvider(row.provider),
        callerIdsOf(row, numbers).length,
        outboundEnvironment(services, row.id),
        lastVerification(row),
      );
    return {
      ...presentCommon(services, row, reason),
      phone_number_count: active.length,
      is_ready_for_outbound: reason === null,
      outbound_blocked_reason: reason,
    };
  });
}

/** @throws Problem not_found. */
export async function readConfiguration(
  services: ReadNeeds,
  organizationId: number,
  id: number,
): Promise<TelephonyConfiguration> {
  const session = services.storage.read;
  const row = await requireConfiguration(session, organizationId, id);
  const callerIds = callerIdsOf(row, await listNumbers(session, organizationId, id));
  const provider = findProvider(row.provider);
  const checklist = setupChecklist(
    row.provider,
    provider,
    callerIds.length,
    outboundEnvironment(services, id),
    lastVerification(row),
  );
  const defaultAnswer =
    provider === undefined || services.config.extensions.size === 0
      ? null
      : defaultAnswerOf(provider, await services.hasModel(session, organizationId), services.config);
  return {
    ...presentCommon(services, row, checklist.outbound_blocked_reason),
    credentials:
      provider === undefined ? {} : maskConfiguration(provider.configuration, readCredentials(services, row)),
    sip_connectivity: null,
    setup_checklist: {
      ...checklist,
      ...(services.config.extensions.size > 0 && provider !== undefined
        ? abilitiesOf(provider, services.config)
        : {}),
      ...(defaultAnswer === null ? {} : { default_answer: defaultAnswer }),
    },
    supports_trunks: false,
    trunks: [],
    ...(services.config.extensions.size > 0 && provider?.follow !== undefined
      ? { webhook_url: accountWebhookUrl(services, row) }
      : {}),
  };
}

/** @throws Problem not_found. */
export async function setDefaultOutbound(
  services: ReadNeeds & Pick<Services, 'clock'>,
  actor: Actor,
  id: number,
) {
  const { organizationId } = actor;
  await services.storage.write(async (session) => {
    await requireConfiguration(session, organizationId, id);
    await makeDefaultConfiguration(session, { organizationId, id }, services.clock.now().toISOString());
    await record(services, session, actor, 'made_default', id);
  });
  return withDefaultWarning(services, await readConfiguration(services, organizationId, id));
}

/** Adds a warning when the new default configuration cannot place calls yet. */
function withDefaultWarning(
  services: Pick<Services, 'config'>,
  configuration: TelephonyConfiguration,
): TelephonyConfiguration {
  const { name, inactive, setup_checklist: checklist } = configuration;
  const reason = inactive === true ? 'It is not active.' : (checklist?.outbound_blocked_reason ?? null);
  if (reason === null || services.config.extensions.size === 0) return configuration;
  const isCarriersRefusal = configuration.last_verification?.detail === reason;
  const consequence = isCarriersRefusal
    ? 'Until then calls through it fail.'
    : 'Until then a call that names no telephony configuration goes through another one that is ready, and says so, or is refused.';
  const warning = `'${name}' is the default now, and it is not ready for outbound calls. ${reason} ${consequence}`;
  return { ...configuration, warnings: [warning] };
}

/** @throws Problem not_found. */
export async function reactivate(services: ReadNeeds & Pick<Services, 'clock'>, actor: Actor, id: number) {
  const { organizationId } = actor;
  await services.storage.write(async (session) => {
    await requireConfiguration(session, organizationId, id);
    await reactivateConfiguration(session, id, services.clock.now().toISOString());
    await record(services, session, actor, 'reactivated', id);
  });
  return readConfiguration(services, organizationId, id);
}

/** @throws Problem not_found. */
export async function removeConfiguration(
  services: Pick<Services, 'storage' | 'connections' | 'clock'>,
  actor: Actor,
  id: number,
): Promise<void> {
  await services.storage.write(async (session) => {
    await requireConfiguration(session, actor.organizationId, id);
    await deleteConfiguration(session, id);
    await record(services, session, actor, 'deleted', id);
  });
  services.connections.drop(id);
}

/** The settings that a request names. A name that the provider does not know could be any text. */
function namesOfSettings({ provider, ...settings }: UncheckedConfiguration): string[] {
  const { configuration }: { configuration: z.ZodObject } = providers[provider];
  return Object.keys(settings).filter((name) => Object.hasOwn(configuration.shape, name));
}

type Verb = 'created' | 'changed' | 'made_default' | 'reactivated' | 'deleted';

function record(
  services: Pick<Services, 'clock'>,
  session: Session,
  actor: Actor,
  verb: Verb,
  id: number,
  changed: readonly string[] = [],
): Promise<void> {
  const action = `telephony_configuration.${verb}` as const;
  return recordAudit(services, session, actor, { action, subjectId: id, changed });
}

/** @param blockedReason as it is shown. */
function presentCommon(
  { config }: Pick<Services, 'config'>,
  row: ConfigurationRow,
  blockedReason: string | null,
) {
  const last = lastVerification(row);
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
    ...(config.extensions.size === 0
      ? {}
      : {
          readiness: readinessOf(blockedReason, findProvider(row.provider), last),
          last_verification: last,
        }),
  };
}

function lastVerification({ verification }: ConfigurationRow): AccountVerification | null {
  return parseObject(verification) as AccountVerification | null;
}

async function withNameConflict<Result>(name: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    throw new Problem(
      'conflict',
      `A telephony configuration named '${name}' already exists in this organization. Pick a different name.`,
      { cause: error },
    );
  }
}
