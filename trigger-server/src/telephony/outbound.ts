/** Which configuration and caller ID a call goes out through (API reference, "Default outbound configuration"). */
import { Problem } from '../problem';
import type { Services } from '../services';
import { callerIdsOf } from './caller-ids';
import { configurationNotFound, readCredentials } from './configurations';
import type { TelephonyProvider } from './provider';
import { outboundBlockedReason } from './readiness';
import { findProvider } from './registry';
import {
  listOutboundConfigurations,
  listOutboundNumbers,
  type OutboundConfiguration,
  type OutboundNumber,
} from './store';

export interface OutboundLine {
  configurationId: number;
  providerName: string;
  provider: TelephonyProvider;
  /** The provider's settings in clear, as its own schema reads them. */
  configuration: Record<string, unknown>;
  /** Caller ID in E.164; null where the configuration has no number and needs none. */
  callerNumber: string | null;
}

export interface OutboundWish {
  configurationId?: number | null;
  fromPhoneNumberId?: number | null;
}

/**
 * A configuration that is asked for is used or refused; without one, the first ready one is used, the default first.
 * @throws Problem not_found for a configuration that is not there or not active; bad_request when none is ready, or
 * the caller ID is not one of its active numbers.
 */
export async function resolveOutboundLine(
  services: Services,
  organizationId: number,
  wish: OutboundWish,
): Promise<OutboundLine> {
  const session = services.storage.read;
  const configurations = await listOutboundConfigurations(session, organizationId);
  const numbers = await listOutboundNumbers(session, organizationId);
  const row = chooseConfiguration(configurations, numbers, wish.configurationId ?? null);
  const provider = findProvider(row.provider);
  if (provider === undefined) throw notReady(row, outboundBlockedReason(row.provider, provider, 0));
  const settings = provider.configuration.safeParse(readCredentials(services, row));
  if (!settings.success) {
    const scope = wish.configurationId == null ? 'organization' : 'configuration';
    throw new Problem('bad_request', `Telephony provider not configured for this ${scope}`, {
      internal: `the stored settings of telephony configuration ${String(row.id)} do not fit its provider`,
    });
  }
  return {
    configurationId: row.id,
    providerName: row.provider,
    provider,
    configuration: settings.data,
    callerNumber: chooseCaller(services, callerIdsOf(row, numbers), wish.fromPhoneNumberId ?? null),
  };
}

function chooseConfiguration(
  configurations: OutboundConfiguration[],
  numbers: OutboundNumber[],
  wished: number | null,
): OutboundConfiguration {
  const reasonOf = (row: OutboundConfiguration) =>
    outboundBlockedReason(row.provider, findProvider(row.provider), callerIdsOf(row, numbers).length);
  if (wished !== null) {
    const row = configurations.find(({ id }) => id === wished);
    if (row === undefined) throw new Problem('not_found', configurationNotFound);
    const reason = reasonOf(row);
    if (reason !== null) throw notReady(row, reason);
    return row;
  }
  const ready = configurations.find((row) => reasonOf(row) === null);
  if (ready !== undefined) return ready;
  const [first] = configurations;
  if (first === undefined)
    throw new Problem('bad_request', 'Telephony provider not configured for this organization');
  throw notReady(first, reasonOf(first));
}

function chooseCaller(services: Services, own: OutboundNumber[], wished: number | null): string | null {
  if (wished !== null) {
    const number = own.find(({ id }) => id === wished);
    if (number === undefined) throw new Problem('bad_request', 'from_phone_number_not_found');
    return number.address_normalized;
  }
  if (own.length === 0) return null;
  const number =
    own.find(({ is_default_caller_id }) => is_default_caller_id === 1) ??
    own[services.chance.integer(0, own.length - 1)];
  return number?.address_normalized ?? null;
}

function notReady(row: OutboundConfiguration, reason: string | null): Problem {
  return new Problem(
    'bad_request',
    `'${row.name}' is not ready for outbound calls. ${reason ?? ''}`.trimEnd(),
  );
}
