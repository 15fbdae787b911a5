/** Numbers as forms and address books hold them, without the code of their country. */
import { getCountries, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** The countries that {@link internationalNumber} knows, as ISO 3166 codes such as `US`. */
export function knownCountries(): string[] {
  return getCountries();
}

/** Whether there is a numbering plan for an ISO 3166 code. */
export function isKnownCountry(country: string): boolean {
  return isSupportedCountry(country);
}

/**
 * The number in E.164, read by the numbering plan of a country: its trunk prefix goes, its calling code comes.
 *
 * @param country of {@link knownCountries}.
 * @returns undefined when no number of that country has so many digits.
 */
export function internationalNumber(text: string, country: string): string | undefined {
  if (!isSupportedCountry(country)) return undefined;
  const number = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  return number?.isPossible() ? number.number : undefined;
}
