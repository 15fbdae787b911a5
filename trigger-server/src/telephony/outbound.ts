/** Which configuration and caller ID a call goes out through (API reference, "Default outbound configuration"). */
import { Problem } from '../problem';
import type { Services } from '../services';
import { configurationNotFound } from './configurations';
import { readCredentials } from './credentials';
import type { TelephonyProvider } from './provider';
import { outboundBlockedReason, outboundEnvironment } from './readiness';
import { findProvider } from './registry';
import { findCredentials, listOutboundCandidates, type OutboundCandidate } from './store';

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
  const candidates = byConfiguration(await listOutboundCandidates(session, organizationId));
  const chosen = chooseConfiguration(services, candidates, wish.configurationId ?? null);
  const provider = findProvider(chosen.provider);
  if (provider === undefined) throw notReady(services, chosen);
  const sealed = await findCredentials(session, chosen.id);
  if (sealed === undefined) throw notFound();
  const settings = provider.configuration.safeParse(readCredentials(services, sealed));
  if (!settings.success) {
    const scope = wish.configurationId == null ? 'organization' : 'configuration';
    throw new Problem('bad_request', `Telephony provider not configured for this ${scope}`, {
      code: 'telephony_not_configured',
      internal: `the stored settings of telephony configuration ${String(chosen.id)} do not fit its provider`,
    });
  }
  return {
    configurationId: chosen.id,
    providerName: chosen.provider,
    provider,
    configuration: settings.data,
    callerNumber: chooseCaller(services, chosen.callerIds, wish.fromPhoneNumberId ?? null),
  };
}

interface CallerId {
  id: number;
  address: string;
  isDefault: boolean;
}

interface Candidate {
  id: number;
  name: string;
  provider: string;
  callerIds: CallerId[];
}

function byConfiguration(rows: readonly OutboundCandidate[]): Candidate[] {
  const candidates = new Map<number, Candidate>();
  for (const { id, name, provider, numberId, address, isDefaultCaller } of rows) {
    const candidate = candidates.get(id) ?? { id, name, provider, callerIds: [] };
    candidates.set(id, candidate);
    if (numberId !== null && address !== null) {
      candidate.callerIds.push({ id: numberId, address, isDefault: isDefaultCaller === 1 });
    }
  }
  return [...candidates.values()];
}

function chooseConfiguration(
  services: Services,
  candidates: readonly Candidate[],
  wished: number | null,
): Candidate {
  if (wished !== null) {
    const candidate = candidates.find(({ id }) => id === wished);
    if (candidate === undefined) throw notFound();
    if (blockedReason(services, candidate) !== null) throw notReady(services, candidate);
    return candidate;
  }
  const ready = candidates.find((candidate) => blockedReason(services, candidate) === null);
  if (ready !== undefined) return ready;
  const [first] = candidates;
  if (first === undefined)
    throw new Problem('bad_request', 'Telephony provider not configured for this organization', {
      code: 'telephony_not_configured',
    });
  throw notReady(services, first);
}

function chooseCaller(services: Services, own: readonly CallerId[], wished: number | null): string | null {
  if (wished !== null) {
    const number = own.find(({ id }) => id === wished);
    if (number === undefined)
      throw new Problem('bad_request', 'from_phone_number_not_found', { code: 'caller_id_not_found' });
    return number.address;
  }
  if (own.length === 0) return null;
  const number = own.find(({ isDefault }) => isDefault) ?? own[services.chance.integer(0, own.length - 1)];
  return number?.address ?? null;
}

function blockedReason(services: Services, { id, provider, callerIds }: Candidate): string | null {
  const environment = outboundEnvironment(services, id);
  return outboundBlockedReason(provider, findProvider(provider), callerIds.length, environment);
}

function notReady(services: Services, candidate: Candidate): Problem {
  return new Problem(
    'bad_request',
    `'${candidate.name}' is not ready for outbound calls. ${blockedReason(services, candidate) ?? ''}`.trimEnd(),
    { code: 'telephony_not_ready' },
  );
}

function notFound(): Problem {
  return new Problem('not_found', configurationNotFound, { code: 'telephony_configuration_not_found' });
}
