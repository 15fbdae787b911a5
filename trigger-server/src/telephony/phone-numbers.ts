/** The phone numbers of a telephony configuration: what people see when they are called. */
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

/** Which number of which configuration. */
export interface NumberPlace {
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
 * Adds a number; the first one of a configuration is not its default caller ID by itself.
 * @throws Problem not_found; conflict when the organization has the address; unprocessable for one that nobody could dial.
 */
export async function addNumber(
  services: CarrierServices,
  organizationId: number,
  configurationId: number,
  wish: CreatePhoneNumberRequest,
): Promise<PhoneNumber> {
  const countryCode = readCountryCode(wish.country_code ?? null);
  const address = normalizeAddress(wish.address, countryCode);
  const configuration = await requireConfiguration(services.storage.read, organizationId, configurationId);
  if (address.type === 'pstn') await assertOwned(services, configuration, address.normalized);
  try {
    const numberId = await services.storage.write(async (session) => {
      await requireConfiguration(session, organizationId, configurationId);
      if (wish.is_default_caller_id) await clearDefaultCaller(session, configurationId);
      return insertNumber(session, {
        organizationId,
        configurationId,
        address: wish.address,
        normalized: address.normalized,
        type: address.type,
        countryCode,
        label: wish.label ?? null,
        isActive: wish.is_active ? 1 : 0,
        isDefault: wish.is_default_caller_id ? 1 : 0,
        extraMetadata: JSON.stringify(wish.extra_metadata),
        at: services.clock.now().toISOString(),
      });
    });
    return await readNumber(services, { organizationId, configurationId, numberId });
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    throw new Problem('conflict', 'A phone number with this address already exists in the org.', {
      cause: error,
    });
  }
}

/** Asks the carrier, where it can be asked; one that gives no answer keeps nobody from saving. */
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
export async function readNumber(
  services: Pick<Services, 'storage'>,
  place: NumberPlace,
): Promise<PhoneNumber> {
  return presentNumber(await requireNumber(services.storage.read, place));
}

/**
 * Changes what is given; `null` empties the label or the country. The address never changes.
 * @throws Problem not_found; unprocessable for a country that does not exist.
 */
export async function changeNumber(
  services: Pick<Services, 'storage' | 'clock'>,
  place: NumberPlace,
  wish: UpdatePhoneNumberRequest,
): Promise<PhoneNumber> {
  await services.storage.write(async (session) => {
    const row = await requireNumber(session, place);
    await updateNumber(session, {
      id: row.id,
      countryCode: wish.country_code === undefined ? row.country_code : readCountryCode(wish.country_code),
      label: wish.label === undefined ? row.label : wish.label,
      isActive: (wish.is_active ?? row.is_active === 1) ? 1 : 0,
      extraMetadata: wish.extra_metadata ? JSON.stringify(wish.extra_metadata) : row.extra_metadata,
      at: services.clock.now().toISOString(),
    });
  });
  return readNumber(services, place);
}

/** @throws Problem not_found. */
export async function setDefaultCaller(
  services: Pick<Services, 'storage' | 'clock'>,
  place: NumberPlace,
): Promise<PhoneNumber> {
  await services.storage.write(async (session) => {
    await requireNumber(session, place);
    await makeDefaultCaller(
      session,
      place.configurationId,
      place.numberId,
      services.clock.now().toISOString(),
    );
  });
  return readNumber(services, place);
}

/** @throws Problem not_found. */
export async function removeNumber(services: Pick<Services, 'storage'>, place: NumberPlace): Promise<void> {
  await services.storage.write(async (session) => {
    await requireNumber(session, place);
    await deleteNumber(session, place.numberId);
  });
}

function readCountryCode(code: string | null): string | null {
  return code === null ? null : normalizeCountryCode(code);
}

async function requireNumber(session: Session, place: NumberPlace): Promise<PhoneNumberRow> {
  await requireConfiguration(session, place.organizationId, place.configurationId);
  const rows = await listNumbers(session, place.organizationId, place.configurationId);
  const row = rows.find(({ id }) => id === place.numberId);
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
