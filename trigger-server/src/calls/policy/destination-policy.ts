/**
 * An organization's rules: which numbers may be called, when, and how many a day. They are checked before anything is
 * recorded, so that a leaked key does not become a phone bill.
 */
import {
  destinationPolicy,
  type CallsPerNumber,
  type DestinationPolicy,
  type GuardedNumberType,
} from '@dograh-trigger/shared';
import { requireSignIn } from '../../accounts/authentication';
import { findCallLimits } from '../../accounts/organizations';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import type { ClosedHours } from './calling-hours';
import type { Destination } from './destination';
import { uncountCall } from './destination-policy-store';

type Rule = 'calling_code' | 'blocked_prefix' | 'number_type' | 'calling_hours' | 'max_calls_per_number';

const millisecondsPerDay = 24 * 60 * 60 * 1000;
const defaultPolicy = destinationPolicy.parse({});

/**
 * Calling codes that belong to no country but to satellite and other international networks, where a minute costs
 * many times a usual one: 870 Inmarsat SNAC, 878 Universal Personal Telecommunication, 881 Global Mobile Satellite
 * System (Iridium, Globalstar), 882 and 883 International Networks (Thuraya, networks on ships and in aircraft).
 * Source: List of ITU-T Recommendation E.164 assigned country codes, annex to ITU Operational Bulletin 1114
 * (15.XII.2016). Of the same list, 979 (premium rate) and 808 (shared cost) have these types at libphonenumber.
 */
const satelliteCallingCodes: ReadonlySet<string> = new Set(['870', '878', '881', '882', '883']);

const typeNames: Record<GuardedNumberType, string> = {
  premium_rate: 'Premium-rate numbers',
  shared_cost: 'Shared-cost numbers',
  satellite: 'Numbers of satellite and other international networks',
};

/** The policy in force. */
export async function readPolicy(
  services: Pick<Services, 'storage'>,
  organizationId: number,
): Promise<DestinationPolicy> {
  const { policy } = await findCallLimits(services.storage.read, organizationId);
  return parsePolicy(policy);
}

/**
 * Where each key has a daily limit, a key cannot create further keys: a leaked key could lift its own limit.
 * @throws Problem forbidden.
 */
export async function requireSignInForKeys(
  services: Pick<Services, 'storage'>,
  identity: Identity,
): Promise<void> {
  const { daily_calls_per_key: limit } = await readPolicy(services, identity.organizationId);
  if (limit !== null) await requireSignIn(services, identity, 'create or reactivate API keys');
}

/** @param text JSON; null: the default policy. A rule that is newer than the stored text has its default. */
export function parsePolicy(text: string | null): DestinationPolicy {
  if (text === null) return defaultPolicy;
  return { ...defaultPolicy, ...(JSON.parse(text) as Partial<DestinationPolicy>) };
}

/**
 * Every rule but those of time.
 * @throws Problem unprocessable at `body.phone_number`, with the rule that refuses the number in `ctx.rule`.
 */
export function assertNumberAllowed(policy: DestinationPolicy, destination: Destination): void {
  assertCallingCode(policy, destination);
  assertNotBlocked(policy, destination);
  assertNumberType(policy, destination);
}

function assertCallingCode(
  { allowed_calling_codes: codes }: DestinationPolicy,
  { callingCode }: Destination,
) {
  if (codes === null || codes.includes(callingCode)) return;
  throw refused(
    'calling_code',
    `The destination policy of your organization does not allow calls to +${callingCode}. To allow them, add "${callingCode}" to its allowed_calling_codes.`,
  );
}

function assertNotBlocked({ blocked_prefixes: prefixes }: DestinationPolicy, { e164 }: Destination) {
  if (!prefixes.some((prefix) => e164.startsWith(prefix))) return;
  throw refused(
    'blocked_prefix',
    'The destination policy of your organization blocks numbers that begin like this one. To allow the call, remove the entry that covers it from blocked_prefixes.',
  );
}

function assertNumberType({ allowed_number_types: allowed }: DestinationPolicy, destination: Destination) {
  const type = guardedTypeOf(destination);
  if (type === null || allowed.includes(type)) return;
  throw refused(
    'number_type',
    `${typeNames[type]} are expensive and are not called unless the destination policy of your organization allows it. To allow them, add "${type}" to its allowed_number_types.`,
  );
}

/** The expensive kind of number that it is; null for any other. */
export function guardedTypeOf(destination: Destination): GuardedNumberType | null {
  if (satelliteCallingCodes.has(destination.callingCode)) return 'satellite';
  switch (destination.type()) {
    case 'PREMIUM_RATE':
      return 'premium_rate';
    case 'SHARED_COST':
      return 'shared_cost';
    default:
      return null;
  }
}

/** Why a call is refused at an instant at which the calling hours are closed. With `Retry-After` if they open within a year. */
export function hoursRefusal({ opensAt, zones, source }: ClosedHours, at: Date): Problem {
  const context = { zones, zone_source: source, opens_at: opensAt?.toISOString() ?? null };
  if (zones.length === 0) {
    return refused(
      'calling_hours',
      'The destination policy of your organization has calling hours, and the local time of this number is not known. To allow the call, name a time zone in the request’s time_zone or in calling_hours.time_zone.',
      context,
    );
  }
  const clock = `on the clock of ${zones.length > 1 ? 'every time zone that the callee may be in' : zones.join('')}`;
  if (opensAt === null) {
    return refused(
      'calling_hours',
      `The calling hours of your organization’s destination policy are at no time of the next year open ${clock}. Name a time zone in the request’s time_zone or in calling_hours.time_zone, or change the hours.`,
      context,
    );
  }
  return refused(
    'calling_hours',
    `It is outside the calling hours of your organization’s destination policy, ${clock}. They open at ${opensAt.toISOString()}: call again then, or change calling_hours.`,
    context,
    Math.ceil((opensAt.getTime() - at.getTime()) / 1000),
  );
}

/** A number that was called as often as it may be. `opensAt`: when it may be called again, inside the calling hours. */
export interface ReachedLimit {
  open: false;
  limit: CallsPerNumber;
  opensAt: Date;
}

/** Why a call is refused to a number that was called as often as it may be. With `Retry-After`. */
export function numberLimitRefusal({ limit, opensAt }: ReachedLimit, at: Date): Problem {
  const often = limit.calls === 1 ? 'once' : `${limit.calls.toLocaleString('en')} times`;
  return refused(
    'max_calls_per_number',
    `This number was called ${often} in ${limit.window}, as often as the destination policy of your organization allows. It may be called again at ${opensAt.toISOString()}: call again then, or change max_calls_per_number.`,
    { ...limit, opens_at: opensAt.toISOString() },
    Math.ceil((opensAt.getTime() - at.getTime()) / 1000),
  );
}

/** Why a call is refused whose key has reached its limit of the day (UTC). */
export function dailyLimitRefusal(limit: number | null, now: Date): Problem {
  const seconds = Math.ceil((nextDay(now).getTime() - now.getTime()) / 1000);
  return new Problem(
    'busy',
    `This API key has placed all calls that it may place on one day (${String(limit)}). Call again after midnight UTC, or raise daily_calls_per_key in the destination policy of your organization.`,
    { code: 'daily_limit', headers: { 'Retry-After': String(seconds) } },
  );
}

/** When the next day of UTC begins. */
export function nextDay(now: Date): Date {
  return new Date(now.getTime() + millisecondsPerDay - (now.getTime() % millisecondsPerDay));
}

/**
 * Undoes the count of a call: nobody was called, and the caller will retry.
 * @param countedAt when it was counted.
 */
export async function takeBackFromLimit(
  session: Session,
  apiKeyId: number | null,
  countedAt: Date,
): Promise<void> {
  if (apiKeyId !== null) await uncountCall(session, apiKeyId, dayOf(countedAt));
}

/** A day of UTC: `2026-11-23`. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function refused(rule: Rule, msg: string, context: object = {}, retryAfterSeconds?: number): Problem {
  const item = {
    type: 'destination_refused',
    loc: ['body', 'phone_number'],
    msg,
    input: null,
    ctx: { rule, ...context },
  };
  return new Problem('unprocessable', [item], { code: 'destination_refused', retryAfterSeconds });
}
