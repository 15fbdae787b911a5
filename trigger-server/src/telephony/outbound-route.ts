/**
 * Which configuration and caller ID a call uses (`docs/dograh-api`, "Default outbound configuration"). Beyond Dograh: with a
 * real account, a call uses a carrier that rings nobody only on request or by default, and the reply names a default
 * configuration that was not ready.
 */
import type { FallbackFrom } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import { configurationNotFound } from './configurations';
import { openAccount, type CarrierAccount } from './open-account';
import { outboundBlockedReason, outboundEnvironment } from './readiness';
import { paceOf } from '../carriers/kit/settings/pace';
import { answerModesOf, type AnswerMode } from '../carriers/answer-modes';
import { findProvider } from '../carriers/registry';
import type { CarrierServices } from './tools';
import { findCredentials, listOutboundCandidates, type OutboundCandidate } from './store';

type Needs = Pick<Services, 'config' | 'connections'>;

export interface OutboundRoute extends CarrierAccount {
  configurationId: number;
  providerName: string;
  /** Caller ID in E.164; null where the configuration has no number and needs none. */
  callerNumber: string | null;
  /** The pace of its calls that may wait; null: it has none. */
  callsPerSecond: number | null;
  /** The default configuration, if it is not ready and this route replaces it. */
  fallbackFrom: FallbackFrom | null;
}

/** The route of the attempt before. @property rotates whether the next one shows another caller ID. */
export interface FormerRoute {
  configurationId: number;
  callerNumber: string | null;
  rotates: boolean;
}

export interface RouteRequest {
  /** What an answered call gets. */
  mode: AnswerMode;
  configurationId?: number | null;
  /** The configuration that the agent's answer names. One that the request names comes first. */
  answerAccountId?: number | null;
  fromPhoneNumberId?: number | null;
  /** A call that is placed again keeps its account, while that is ready, and by default its caller ID. */
  former?: FormerRoute | null;
}

/**
 * A requested configuration is used or refused. Without a request it is the default one, or, if that is not ready, the
 * first other one that is ready and rings real phones. Calls that another server holds never go to a second such server.
 * @throws Problem not_found for a configuration that does not exist or is not active; bad_request if none is ready, several
 * lead to servers that hold calls and none is named, or the caller ID is not one of its active numbers.
 */
export async function resolveOutboundRoute(
  services: CarrierServices & Pick<Services, 'chance' | 'connections'>,
  organizationId: number,
  request: RouteRequest,
): Promise<OutboundRoute> {
  const session = services.storage.read;
  const candidates = byConfiguration(services, await listOutboundCandidates(session, organizationId));
  const requested = request.configurationId ?? null;
  const former = request.former ?? null;
  const { chosen, fallbackFrom } =
    requested === null
      ? chooseFor(services, request, candidates)
      : { chosen: findRequested(candidates, requested), fallbackFrom: null };
  const stored = await findCredentials(session, chosen.id);
  if (stored === undefined) throw configurationMissing();
  const account = openAccount(services, {
    ...stored,
    organization_id: organizationId,
    provider: chosen.provider,
  });
  if (account === 'no_provider') throw notReady(chosen);
  if (account === 'unfit_settings') {
    const scope = requested === null ? 'organization' : 'configuration';
    throw new Problem('bad_request', `Telephony provider not configured for this ${scope}`, {
      code: 'telephony_not_configured',
      internal: `the stored settings of telephony configuration ${String(chosen.id)} do not fit its provider`,
    });
  }
  return {
    ...account,
    configurationId: chosen.id,
    providerName: chosen.provider,
    callsPerSecond: paceOf(account.configuration, account.provider.callsPerSecond),
    callerNumber: chooseCaller(services, chosen.callerIds, request.fromPhoneNumberId ?? null, former),
    fallbackFrom,
  };
}

/**
 * For a call without a requested configuration. Calls that another server holds and calls that the carrier speaks in need
 * different ones: neither kind stands in for the other.
 */
function chooseFor(
  services: Pick<Services, 'config'>,
  { mode, answerAccountId = null, former = null }: RouteRequest,
  candidates: readonly Candidate[],
): Choice {
  const holders = candidates.filter(({ answers }) => answers.includes('dograh'));
  if (mode !== 'dograh') {
    const suited = candidates.filter(({ answers, isDefault }) => isDefault || !answers.includes('dograh'));
    return chooseAgain(candidates, former, chooseDefault(services, orAll(suited, candidates)));
  }
  if (answerAccountId !== null) {
    return { chosen: findAccountOfAnswer(candidates, answerAccountId), fallbackFrom: null };
  }
  // The refusal then says which configuration is needed.
  if (holders.length === 0) return chooseDefault(services, candidates);
  return { chosen: chooseHolder(holders, former), fallbackFrom: null };
}

/** All, where none is left: the refusal then says what to choose. */
function orAll(suited: readonly Candidate[], all: readonly Candidate[]): readonly Candidate[] {
  return suited.length === 0 ? all : suited;
}

/** Its agent is at one of these servers. Another one would not know it, or have another agent of that name. */
function chooseHolder(holders: readonly Candidate[], former: FormerRoute | null): Candidate {
  const same = holders.find(({ id }) => id === former?.configurationId);
  const only = holders.length === 1 ? holders[0] : undefined;
  const chosen = same ?? holders.find(({ isDefault }) => isDefault) ?? only;
  if (chosen === undefined) throw severalHolders(holders);
  if (chosen.blockedReason !== null) throw notReady(chosen);
  return chosen;
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
  isDefault: boolean;
  isInactive: boolean;
  /** Whether its calls ring nobody. */
  isSimulated: boolean;
  /** The answers that it offers. */
  answers: readonly AnswerMode[];
  callerIds: CallerId[];
  /** Why it cannot place calls now; null if it can. */
  blockedReason: string | null;
  /** Whether the reason may pass by itself: the connection to the carrier is down, and the server keeps reconnecting. */
  isTemporary: boolean;
}

interface Choice {
  chosen: Candidate;
  fallbackFrom: FallbackFrom | null;
}

function byConfiguration(services: Needs, rows: readonly OutboundCandidate[]): Candidate[] {
  const callerIds = new Map<number, CallerId[]>();
  for (const { id, numberId, address, isDefaultCaller } of rows) {
    const own = callerIds.get(id) ?? [];
    callerIds.set(id, own);
    if (numberId !== null && address !== null) {
      own.push({ id: numberId, address, isDefault: isDefaultCaller === 1 });
    }
  }
  const configurations = new Map(rows.map((row) => [row.id, row]));
  return Array.from(configurations.values(), (row) =>
    candidateOf(services, row, callerIds.get(row.id) ?? []),
  );
}

function candidateOf(services: Needs, row: OutboundCandidate, callerIds: CallerId[]): Candidate {
  const { id, name, provider: providerName } = row;
  const provider = findProvider(providerName);
  const isInactive = row.inactiveSince !== null;
  const environment = outboundEnvironment(services, id);
  const blockedReason = isInactive
    ? inactiveReason(row)
    : outboundBlockedReason(providerName, provider, callerIds.length, environment);
  const { connectionFault } = environment;
  return {
    id,
    name,
    provider: providerName,
    isDefault: row.isDefault === 1,
    isInactive,
    isSimulated: provider?.isSimulated === true,
    answers: provider === undefined ? [] : answerModesOf(provider, services.config),
    callerIds,
    blockedReason,
    isTemporary: connectionFault?.isTemporary === true && blockedReason === connectionFault.reason,
  };
}

function inactiveReason({ inactiveReason: reason }: OutboundCandidate): string {
  const why = reason === null ? '' : `: ${reason.replace(/\.$/, '')}`;
  return `It is not active${why}. Reactivate it, or make another configuration the default.`;
}

/** @throws Problem bad_request where it cannot be used. */
function findAccountOfAnswer(candidates: readonly Candidate[], named: number): Candidate {
  const candidate = candidates.find(({ id }) => id === named);
  if (candidate === undefined) {
    throw new Problem(
      'bad_request',
      `The answer of the agent names telephony configuration ${String(named)} (account_id), which this organization does not have. Nobody was called. Name another one in the agent’s settings, and publish it.`,
      { code: 'telephony_configuration_not_found' },
    );
  }
  if (candidate.blockedReason !== null) throw notReady(candidate);
  return candidate;
}

/** A requested configuration that is not active counts as unknown, as in Dograh. */
function findRequested(candidates: readonly Candidate[], requested: number): Candidate {
  const candidate = candidates.find(({ id, isInactive }) => id === requested && !isInactive);
  if (candidate === undefined) throw configurationMissing();
  if (candidate.blockedReason !== null) throw notReady(candidate);
  return candidate;
}

function chooseDefault(services: Pick<Services, 'config'>, candidates: readonly Candidate[]): Choice {
  if (services.config.extensions.size === 0) return chooseAsDograh(candidates);
  const preferred = candidates.find(({ isDefault }) => isDefault);
  const real = candidates.filter(({ isSimulated }) => !isSimulated);
  // With a real account, the sandbox is used only on request or by default: it reports calls that rang nobody.
  const others = real.length > 0 ? real : candidates;
  const chosen = [preferred, ...others].find((candidate) => candidate?.blockedReason === null);
  if (chosen === undefined) throw noneReady(preferred ?? others[0]);
  return { chosen, fallbackFrom: preferred === undefined ? null : fallbackOf(preferred) };
}

/** @param usual of a first attempt. */
function chooseAgain(candidates: readonly Candidate[], former: FormerRoute | null, usual: Choice): Choice {
  const same = candidates.find(({ id }) => id === former?.configurationId);
  return same?.blockedReason === null ? { ...usual, chosen: same } : usual;
}

/** The first active configuration that is ready, the default first. The reply does not mention the others. */
function chooseAsDograh(candidates: readonly Candidate[]): Choice {
  const active = candidates.filter(({ isInactive }) => !isInactive);
  const chosen = active.find(({ blockedReason }) => blockedReason === null);
  if (chosen === undefined) throw noneReady(active[0]);
  return { chosen, fallbackFrom: null };
}

function fallbackOf({ id, name, provider, blockedReason }: Candidate): FallbackFrom | null {
  if (blockedReason === null) return null;
  return { telephony_configuration_id: id, name, provider, reason: blockedReason };
}

function chooseCaller(
  services: Pick<Services, 'chance'>,
  own: readonly CallerId[],
  requested: number | null,
  former: FormerRoute | null,
): string | null {
  if (requested !== null) {
    const number = own.find(({ id }) => id === requested);
    if (number === undefined) {
      throw new Problem('bad_request', 'from_phone_number_not_found', { code: 'caller_id_not_found' });
    }
    return number.address;
  }
  if (own.length === 0) return null;
  const same = own.find(({ address }) => address === former?.callerNumber);
  if (same !== undefined && former?.rotates === false) return same.address;
  const others = own.filter((number) => number !== same);
  if (same !== undefined && others.length > 0) {
    return others[services.chance.integer(0, others.length - 1)]?.address ?? null;
  }
  const number = own.find(({ isDefault }) => isDefault) ?? own[services.chance.integer(0, own.length - 1)];
  return number?.address ?? null;
}

function configurationMissing(): Problem {
  return new Problem('not_found', configurationNotFound, { code: 'telephony_configuration_not_found' });
}

const mostNamed = 5;

function severalHolders(holders: readonly Candidate[]): Problem {
  const named = holders.slice(0, mostNamed).map(({ id, name }) => `${String(id)} ('${name}')`);
  const others = holders.length > mostNamed ? ' and others' : '';
  return new Problem(
    'bad_request',
    `Several telephony configurations lead to a Dograh: ${named.join(', ')}${others}. The agent does not say which of them has its agent, so nobody was called. Set account_id in the answer of the agent, make one of them the default, or send telephony_configuration_id.`,
    { code: 'telephony_not_configured' },
  );
}

function noneReady(candidate: Candidate | undefined): Problem {
  if (candidate !== undefined) return notReady(candidate);
  return new Problem('bad_request', 'Telephony provider not configured for this organization', {
    code: 'telephony_not_configured',
  });
}

/** How long a reconnect usually takes. */
const reconnectSeconds = 10;

function notReady({ name, blockedReason, isTemporary }: Candidate): Problem {
  return new Problem(
    'bad_request',
    `'${name}' is not ready for outbound calls. ${blockedReason ?? ''}`.trimEnd(),
    isTemporary
      ? { code: 'carrier_unreachable', retryAfterSeconds: reconnectSeconds }
      : { code: 'telephony_not_ready' },
  );
}
