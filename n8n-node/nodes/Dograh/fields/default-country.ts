/** The option for phone numbers without a country code. */
import { fieldRefusal, fieldText, isKnownCountry, knownCountries } from '@dograh-trigger/shared';
import type { INodeProperties } from 'n8n-workflow';

const displayName = 'Default Country';
const names = new Intl.DisplayNames(['en'], { type: 'region' });

export const defaultCountryOption: INodeProperties = {
  displayName,
  name: 'defaultCountry',
  type: 'options',
  default: 'US',
  description:
    'The country of numbers without a +, such as (415) 555-0100. Without this option such a number is refused.',
  options: knownCountries()
    .map((value) => ({ name: names.of(value) ?? value, value }))
    .sort((left, right) => left.name.localeCompare(right.name, 'en')),
};

/**
 * @returns an ISO 3166 code, or undefined if the option is not set.
 * @throws TriggerError `invalid_input`
 */
export function readDefaultCountry(value: unknown): string | undefined {
  const country = fieldText(value).toUpperCase();
  if (country === '') return undefined;
  if (isKnownCountry(country)) return country;
  throw fieldRefusal(displayName, 'choose one from the list; an expression must yield a code such as US');
}
