/** Phone numbers without a calling code, as in forms and address books. */
import { getCountries, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** The countries that {@link internationalNumber} supports, as ISO 3166 codes such as `US`. */
export function knownCountries(): string[] {
  return getCountries();
}

/** Whether the numbering plan of an ISO 3166 code is known. */
export function isKnownCountry(country: string): boolean {
  return isSupportedCountry(country);
}

/**
 * The number in E.164, by the numbering plan of a country: without the trunk prefix, with the calling code.
 *
 * @param country of {@link knownCountries}.
 * @returns undefined when the number of digits is wrong for the country.
 */
export function internationalNumber(text: string, country: string): string | undefined {
  if (!isSupportedCountry(country)) return undefined;
  const number = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  return number?.isPossible() ? number.number : undefined;
}
