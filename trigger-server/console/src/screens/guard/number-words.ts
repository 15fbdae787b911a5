/** A phone number in words, and the time at which it is checked. */
import type { DestinationCheck } from '@dograh-trigger/shared';

const names = new Intl.DisplayNames('en', { type: 'region' });

/** `+14155550100: United States, fixed line or mobile.` Null for a number that cannot be dialled. */
export function describeNumber(
  check: Pick<DestinationCheck, 'phone_number' | 'countries' | 'number_type'>,
): string | null {
  if (check.phone_number === null) return null;
  const countries = check.countries.map((country) => names.of(country) ?? country);
  const place = new Intl.ListFormat('en', { type: 'disjunction' }).format(countries);
  const type = check.number_type?.replaceAll('_', ' ') ?? '';
  const words = [place, type].filter((part) => part !== '').join(', ');
  return words === '' ? `${check.phone_number}.` : `${check.phone_number}: ${words}.`;
}

/**
 * @param local of an `<input type="datetime-local">`, by the reader's clock: `2026-11-23T20:30`. Empty: now.
 * @returns ISO 8601 with its offset; null for now. What is no time is sent as it is, and the server refuses it.
 */
export function checkInstant(local: string): string | null {
  if (local === '') return null;
  const moment = new Date(local);
  return Number.isNaN(moment.getTime()) ? local : moment.toISOString();
}
