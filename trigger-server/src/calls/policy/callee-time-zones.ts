/** Which time zones the owner of a number may be in, and how they are known. */
import type { CallingHours, ZoneSource } from '@dograh-trigger/shared';
import { timeZonesOf } from './country-time-zones';
import type { Destination } from './destination';
import { timeZonesOfPrefix } from './prefix-time-zones';

export interface CalleeTimeZones {
  /** IANA names. Empty: not known. */
  zones: readonly string[];
  source: ZoneSource | null;
}

/**
 * Calling codes whose mobile numbers begin with an area code, or, in China, have one time zone for all.
 * Source: GEO_MOBILE_COUNTRIES in PhoneNumberUtil of libphonenumber.
 */
const mobileWithAreaCode: ReadonlySet<string> = new Set(['52', '54', '55', '62', '86']);

/**
 * In this order: the zone of the policy, whose hours are on that clock whoever is called; the zone of the request; the
 * area code of the number; its country, or all countries that it could belong to.
 * A number without an area code (most mobile numbers, toll-free numbers) tells its country alone.
 * @param timeZone the callee's IANA time zone by the request; null: it names none.
 */
export function calleeTimeZones(
  hours: CallingHours,
  destination: Destination,
  timeZone: string | null,
): CalleeTimeZones {
  if (hours.time_zone !== null) return { zones: [hours.time_zone], source: 'policy' };
  if (timeZone !== null) return { zones: [timeZone], source: 'request' };
  const ofPrefix = hasAreaCode(destination)
    ? timeZonesOfPrefix(destination.e164.slice(1), destination.callingCode)
    : [];
  if (ofPrefix.length > 0) return { zones: ofPrefix, source: 'prefix' };
  const byCountry = destination.countries().map(timeZonesOf);
  if (byCountry.length === 0 || byCountry.some((zones) => zones.length === 0)) {
    return { zones: [], source: null };
  }
  return { zones: [...new Set(byCountry.flat())], source: 'country' };
}

function hasAreaCode(destination: Destination): boolean {
  switch (destination.type()) {
    case 'FIXED_LINE':
    case 'FIXED_LINE_OR_MOBILE':
      return true;
    case 'MOBILE':
      return mobileWithAreaCode.has(destination.callingCode);
    default:
      return false;
  }
}
