/** The phone numbers of a telephony configuration, which serve as caller IDs. */
import { recordAudit, type Actor } from '../audit/audit';
import type {
  CreatePhoneNumberRequest,
  JsonObject,
  PhoneNumber,
  UpdatePhoneNumberRequest,
} from '@dograh-trigger/shared';
import { describeError } from '../describe-error';
import { Problem } from '../problem';
import type { Services } from '../services';
import { UniqueViolation, type Session } from '../storage/port';
import { normalizeAddress, normalizeCountryCode } from './addresses';
import { requireConfiguration } from './configurations';
import { openAccount } from './open-account';
import type { CarrierServices } from './tools';
import {
  clearDefaultCaller,
  deleteNumber,
  insertNumber,
  listNumbers,
  makeDefaultCaller,
  updateNumber,
  type ConfigurationRow,
  type PhoneNumberRow,
} from './store';

/** Identifies a number of a configuration. */
export interface NumberKey {
  organizationId: number;
  configurationId: number;
  numberId: number;
}

/** @throws Problem not_found. */
export async function listOwnNumbers(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  configurationId: number,
): Promise<PhoneNumber[]> {
  const session = services.storage.read;
  await requireConfiguration(session, organizationId, configurationId);
  return (await listNumbers(session, organizationId, configurationId)).map(presentNumber);
}

/**
 * Adds a number. Even the first number of a configuration becomes its default caller ID only on request.
 * @throws Problem not_found; conflict when the organization has the address already; unprocessable for an invalid
 * address.
 */
export async function addNumber(
  services: CarrierServices,
  actor: Actor,
  configurationId: number,
  request: CreatePhoneNumberRequest,
): Promise<PhoneNumber> {
  const { organizationId } = actor;
  const countryCode = readCountryCode(request.country_code ?? null);
  const address = normalizeAddress(request.address, countryCode);
  const configuration = await requireConfiguration(services.storage.read, organizationId, configurationId);
  if (address.type === 'pstn') await assertOwned(services, configuration, address.normalized);
  try {
    const numberId = await services.storage.write(async (session) => {
      await requireConfiguration(session, organizationId, configurationId);
      if (request.is_default_caller_id) await clearDefaultCaller(session, configurationId);
      const id = await insertNumber(session, {
        organizationId,
        configurationId,
        address: request.address,
        normalized: address.normalized,
        type: address.type,
        countryCode,
        label: request.label ?? null,
        isActive: request.is_active ? 1 : 0,
        isDefault: request.is_default_caller_id ? 1 : 0,
        extraMetadata: JSON.stringify(request.extra_metadata),
        at: services.clock.now().toISOString(),
      });
      await recordAudit(services, session, actor, { action: 'phone_number.created', subjectId: id });
      return id;
    });
    return await readNumber(services, { organizationId, configurationId, numberId });
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    throw new Problem('conflict', 'A phone number with this address already exists in the org.', {
      cause: error,
    });
  }
}

/** Asks the carrier whether the account owns the number, if it can be asked. A failed query does not prevent saving. */
async function assertOwned(
  services: CarrierServices,
  configuration: ConfigurationRow,
  number: string,
): Promise<void> {
  const account = openAccount(services, configuration);
  if (typeof account === 'string' || account.provider.ownsNumber === undefined) return;
  let owned: boolean | null = null;
  try {
    owned = await account.provider.ownsNumber(account.configuration, number, account.tools);
  } catch (error) {
    services.log.warn(
      { configurationId: configuration.id, error: describeError(error) },
      'a carrier could not be asked whether a phone number is its account’s',
    );
  }
  if (owned !== false) return;
  throw new Problem(
    'bad_request',
    `This number does not belong to the ${account.provider.displayName} account of this configuration. Check the number, or add it to the configuration of the account that owns it.`,
  );
}

/** @throws Problem not_found. */
export async function readNumber(services: Pick<Services, 'storage'>, key: NumberKey): Promise<PhoneNumber> {
  return presentNumber(await requireNumber(services.storage.read, key));
}

/**
 * Changes the given fields; `null` clears the label or the country. The address cannot change.
 * @throws Problem not_found; unprocessable for a country that does not exist.
 */
export async function changeNumber(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  key: NumberKey,
  changes: UpdatePhoneNumberRequest,
): Promise<PhoneNumber> {
  await services.storage.write(async (session) => {
    const row = await requireNumber(session, key);
    await updateNumber(session, {
      id: row.id,
      countryCode:
        changes.country_code === undefined ? row.country_code : readCountryCode(changes.country_code),
      label: changes.label === undefined ? row.label : changes.label,
      isActive: (changes.is_active ?? row.is_active === 1) ? 1 : 0,
      extraMetadata: changes.extra_metadata ? JSON.stringify(changes.extra_metadata) : row.extra_metadata,
      at: services.clock.now().toISOString(),
    });
    await recordAudit(services, session, actor, {
      action: 'phone_number.changed',
      subjectId: row.id,
      changed: Object.keys(changes),
    });
  });
  return readNumber(services, key);
}

/** @throws Problem not_found. */
export async function setDefaultCaller(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  key: NumberKey,
): Promise<PhoneNumber> {
  await services.storage.write(async (session) => {
    await requireNumber(session, key);
    await makeDefaultCaller(session, key.configurationId, key.numberId, services.clock.now().toISOString());
    const subjectId = key.numberId;
    await recordAudit(services, session, actor, { action: 'phone_number.made_default', subjectId });
  });
  return readNumber(services, key);
}

/** @throws Problem not_found. */
export async function removeNumber(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  key: NumberKey,
): Promise<void> {
  await services.storage.write(async (session) => {
    await requireNumber(session, key);
    await deleteNumber(session, key.numberId);
    const subjectId = key.numberId;
    await recordAudit(services, session, actor, { action: 'phone_number.deleted', subjectId });
  });
}

function readCountryCode(code: string | null): string | null {
  return code === null ? null : normalizeCountryCode(code);
}

async function requireNumber(session: Session, key: NumberKey): Promise<PhoneNumberRow> {
  await requireConfiguration(session, key.organizationId, key.configurationId);
  const rows = await listNumbers(session, key.organizationId, key.configurationId);
  const row = rows.find(({ id }) => id === key.numberId);
  if (row === undefined) throw new Problem('not_found', 'Phone number not found');
  return row;
}

function presentNumber(row: PhoneNumberRow): PhoneNumber {
  return {
    id: row.id,
    telephony_configuration_id: row.telephony_configuration_id,
    address: row.address,
    address_normalized: row.address_normalized,
    address_type: row.address_type,
    country_code: row.country_code,
    label: row.label,
    inbound_workflow_id: null,
    inbound_workflow_name: null,
    telephony_trunk_id: null,
    is_active: row.is_active === 1,
    is_default_caller_id: row.is_default_caller_id === 1,
    extra_metadata: JSON.parse(row.extra_metadata) as JsonObject,
    created_at: row.created_at,
    updated_at: row.updated_at,
    provider_sync: null,
  };
}
