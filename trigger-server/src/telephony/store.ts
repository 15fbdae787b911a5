/** The queries of telephony configurations and phone numbers. */
import { sql, type Selectable } from 'kysely';
import { insertedId } from '../storage/columns';
import { query, type ParameterMaker } from '../storage/query';
import type { PhoneNumberTable, TelephonyConfigurationTable } from '../storage/tables/telephony';
import type { Session } from '../storage/port';

export type ConfigurationRow = Selectable<TelephonyConfigurationTable>;
export type PhoneNumberRow = Selectable<PhoneNumberTable>;

interface Own extends Record<string, number> {
  organizationId: number;
  id: number;
}

const insertConfigurationQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      name: string;
      provider: string;
      credentials: string;
      isDefault: number;
      at: string;
    }>,
  ) =>
    db
      .insertInto('telephony_configurations')
      .values({
        organization_id: param('organizationId'),
        name: param('name'),
        provider: param('provider'),
        credentials: param('credentials'),
        is_default_outbound: param('isDefault'),
        created_at: param('at'),
        updated_at: param('at'),
      })
      .returning('id'),
);

export async function insertConfiguration(
  session: Session,
  values: Parameters<typeof insertConfigurationQuery.first>[1],
): Promise<number> {
  return insertedId(await insertConfigurationQuery.first(session, values));
}

const configurationsQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('telephony_configurations')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .orderBy('created_at')
    .orderBy('id'),
);

export function listConfigurations(session: Session, organizationId: number): Promise<ConfigurationRow[]> {
  return configurationsQuery.all(session, { organizationId });
}

/** A configuration and one of its possible caller IDs; without any, the number's columns are null. */
export interface OutboundCandidate {
  id: number;
  name: string;
  provider: string;
  isDefault: number;
  inactiveSince: string | null;
  inactiveReason: string | null;
  numberId: number | null;
  address: string | null;
  isDefaultCaller: number | null;
}

const outboundQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('telephony_configurations as configuration')
    .leftJoin('phone_numbers as number', (join) =>
      join
        .onRef('number.telephony_configuration_id', '=', 'configuration.id')
        .on('number.is_active', '=', sql.lit(1))
        .on('number.address_type', '=', sql.lit('pstn')),
    )
    .select([
      'configuration.id',
      'configuration.name',
      'configuration.provider',
      'configuration.is_default_outbound as isDefault',
      'configuration.inactive_since as inactiveSince',
      'configuration.inactive_reason as inactiveReason',
      'number.id as numberId',
      'number.address_normalized as address',
      'number.is_default_caller_id as isDefaultCaller',
    ])
    .where('configuration.organization_id', '=', param('organizationId'))
    .orderBy('configuration.is_default_outbound', 'desc')
    .orderBy('configuration.created_at')
    .orderBy('configuration.id')
    .orderBy('number.id'),
);

/**
 * One row per configuration and caller ID, including inactive configurations, in the order in which configurations are
 * tried.
 */
export function listOutboundCandidates(
  session: Session,
  organizationId: number,
): Promise<OutboundCandidate[]> {
  return outboundQuery.all(session, { organizationId });
}

const credentialsQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .selectFrom('telephony_configurations')
    .select(['id', 'name', 'credentials'])
    .where('id', '=', param('id')),
);

/** The sealed credentials; undefined when the configuration has just been deleted. */
export function findCredentials(session: Session, id: number) {
  return credentialsQuery.first(session, { id });
}

const configurationQuery = query((db, param: ParameterMaker<Own>) =>
  db
    .selectFrom('telephony_configurations')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .where('id', '=', param('id')),
);

export function findConfiguration(session: Session, own: Own): Promise<ConfigurationRow | undefined> {
  return configurationQuery.first(session, own);
}

const updateConfigurationQuery = query(
  (db, param: ParameterMaker<{ id: number; name: string; credentials: string; at: string }>) =>
    db
      .updateTable('telephony_configurations')
      .set((configuration) => ({
        name: param('name'),
        credentials: param('credentials'),
        updated_at: param('at'),
        // It was about the credentials before.
        verification: configuration
          .case()
          .when('credentials', '=', param('credentials'))
          .then(configuration.ref('verification'))
          .else(null)
          .end(),
      }))
      .where('id', '=', param('id')),
);

export function updateConfiguration(
  session: Session,
  values: Parameters<typeof updateConfigurationQuery.changes>[1],
) {
  return updateConfigurationQuery.changes(session, values);
}

const noteVerificationQuery = query(
  (db, param: ParameterMaker<{ id: number; credentials: string; verification: string }>) =>
    db
      .updateTable('telephony_configurations')
      .set({ verification: param('verification') })
      .where('id', '=', param('id'))
      .where('credentials', '=', param('credentials')),
);

/** Stores the carrier's answer about these credentials, unless the configuration has others by now. */
export function noteVerification(
  session: Session,
  values: Parameters<typeof noteVerificationQuery.changes>[1],
): Promise<number> {
  return noteVerificationQuery.changes(session, values);
}

const clearDefaultQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .updateTable('telephony_configurations')
    .set({ is_default_outbound: 0 })
    .where('organization_id', '=', param('organizationId'))
    .where('is_default_outbound', '=', 1),
);
const setDefaultQuery = query((db, param: ParameterMaker<{ id: number; at: string }>) =>
  db
    .updateTable('telephony_configurations')
    .set({ is_default_outbound: 1, updated_at: param('at') })
    .where('id', '=', param('id')),
);

export async function clearDefaultConfiguration(session: Session, organizationId: number): Promise<void> {
  await clearDefaultQuery.changes(session, { organizationId });
}

export async function makeDefaultConfiguration(session: Session, own: Own, at: string): Promise<void> {
  await clearDefaultConfiguration(session, own.organizationId);
  await setDefaultQuery.changes(session, { id: own.id, at });
}

const reactivateQuery = query((db, param: ParameterMaker<{ id: number; at: string }>) =>
  db
    .updateTable('telephony_configurations')
    .set({ inactive_since: null, inactive_reason: null, updated_at: param('at') })
    .where('id', '=', param('id')),
);

export function reactivateConfiguration(session: Session, id: number, at: string): Promise<number> {
  return reactivateQuery.changes(session, { id, at });
}

const deleteNumbersQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.deleteFrom('phone_numbers').where('telephony_configuration_id', '=', param('id')),
);
const deleteConfigurationQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.deleteFrom('telephony_configurations').where('id', '=', param('id')),
);

/** Deletes a configuration with its phone numbers. */
export async function deleteConfiguration(session: Session, id: number): Promise<void> {
  await deleteNumbersQuery.changes(session, { id });
  await deleteConfigurationQuery.changes(session, { id });
}

const insertNumberQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      configurationId: number;
      address: string;
      normalized: string;
      type: PhoneNumberRow['address_type'];
      countryCode: string | null;
      label: string | null;
      isActive: number;
      isDefault: number;
      extraMetadata: string;
      at: string;
    }>,
  ) =>
    db
      .insertInto('phone_numbers')
      .values({
        organization_id: param('organizationId'),
        telephony_configuration_id: param('configurationId'),
        address: param('address'),
        address_normalized: param('normalized'),
        address_type: param('type'),
        country_code: param('countryCode'),
        label: param('label'),
        is_active: param('isActive'),
        is_default_caller_id: param('isDefault'),
        extra_metadata: param('extraMetadata'),
        created_at: param('at'),
        updated_at: param('at'),
      })
      .returning('id'),
);

export async function insertNumber(
  session: Session,
  values: Parameters<typeof insertNumberQuery.first>[1],
): Promise<number> {
  return insertedId(await insertNumberQuery.first(session, values));
}

const numbersQuery = query((db, param: ParameterMaker<{ organizationId: number; configurationId: number }>) =>
  db
    .selectFrom('phone_numbers')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .where('telephony_configuration_id', '=', param('configurationId'))
    .orderBy('created_at')
    .orderBy('id'),
);

export function listNumbers(
  session: Session,
  organizationId: number,
  configurationId: number,
): Promise<PhoneNumberRow[]> {
  return numbersQuery.all(session, { organizationId, configurationId });
}

const allNumbersQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('phone_numbers')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .orderBy('id'),
);

export function listOrganizationNumbers(session: Session, organizationId: number): Promise<PhoneNumberRow[]> {
  return allNumbersQuery.all(session, { organizationId });
}

const updateNumberQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      countryCode: string | null;
      label: string | null;
      isActive: number;
      extraMetadata: string;
      at: string;
    }>,
  ) =>
    db
      .updateTable('phone_numbers')
      .set({
        country_code: param('countryCode'),
        label: param('label'),
        is_active: param('isActive'),
        extra_metadata: param('extraMetadata'),
        updated_at: param('at'),
      })
      .where('id', '=', param('id')),
);

export function updateNumber(
  session: Session,
  values: Parameters<typeof updateNumberQuery.changes>[1],
): Promise<number> {
  return updateNumberQuery.changes(session, values);
}

const clearDefaultCallerQuery = query((db, param: ParameterMaker<{ configurationId: number }>) =>
  db
    .updateTable('phone_numbers')
    .set({ is_default_caller_id: 0 })
    .where('telephony_configuration_id', '=', param('configurationId'))
    .where('is_default_caller_id', '=', 1),
);
const setDefaultCallerQuery = query((db, param: ParameterMaker<{ id: number; at: string }>) =>
  db
    .updateTable('phone_numbers')
    .set({ is_default_caller_id: 1, updated_at: param('at') })
    .where('id', '=', param('id')),
);

export async function clearDefaultCaller(session: Session, configurationId: number): Promise<void> {
  await clearDefaultCallerQuery.changes(session, { configurationId });
}

export async function makeDefaultCaller(
  session: Session,
  configurationId: number,
  id: number,
  at: string,
): Promise<void> {
  await clearDefaultCaller(session, configurationId);
  await setDefaultCallerQuery.changes(session, { id, at });
}

const deleteNumberQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.deleteFrom('phone_numbers').where('id', '=', param('id')),
);

export function deleteNumber(session: Session, id: number): Promise<number> {
  return deleteNumberQuery.changes(session, { id });
}
