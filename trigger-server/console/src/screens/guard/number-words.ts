/** A phone number in words. */
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
