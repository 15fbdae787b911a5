/** Reads the number to call. A default country applies to numbers without a calling code. */
import {
  fieldRefusal,
  fieldText,
  isKnownCountry,
  knownCountries,
  readPhoneNumberField,
} from '@dograh-trigger/shared';
import { defineInputFields } from 'zapier-platform-core';

const numberLabel = 'Phone Number';
const countryLabel = 'Default Country';

const names = new Intl.DisplayNames(['en'], { type: 'region' });

export const [defaultCountryField] = defineInputFields([
  {
    key: 'default_country',
    label: countryLabel,
    type: 'string',
    required: false,
    choices: Object.fromEntries(
      knownCountries()
        .map((country): [string, string] => [country, names.of(country) ?? country])
        .sort(([, left], [, right]) => left.localeCompare(right, 'en')),
    ),
    helpText:
      'The country of numbers that have no `+`, such as `(415) 555-0100`. A mapped value is a code such as `US`. Leave it ' +
      'empty to refuse such numbers.',
  },
]);

interface Input {
  phone_number?: unknown;
  default_country?: unknown;
}

/** @returns the number in E.164. @throws TriggerError `invalid_input` */
export function readPhoneNumber(input: Input): string {
  return readPhoneNumberField(singleNumber(input.phone_number), numberLabel, readDefaultCountry(input));
}

/** @returns the code of the country, or undefined when the field is empty. @throws TriggerError `invalid_input` */
export function readDefaultCountry(input: Pick<Input, 'default_country'>): string | undefined {
  const country = fieldText(input.default_country).toUpperCase();
  if (country !== '' && !isKnownCountry(country)) {
    throw fieldRefusal(countryLabel, 'choose one from the list; a mapped value must be a code such as US');
  }
  return country || undefined;
}

/** Refuses several numbers. Zapier passes line items as a list, or joined with commas. */
function singleNumber(value: unknown): unknown {
  const values: unknown[] = Array.isArray(value) ? value : fieldText(value).split(/[,;\n]/);
  const numbers = values.filter((item) => /\d/.test(fieldText(item)));
  if (numbers.length > 1) {
    throw fieldRefusal(
      numberLabel,
      `these are ${numbers.length} numbers, and a step calls one; put Looping by Zapier before it to call each of them`,
    );
  }
  return Array.isArray(value) ? value[0] : value;
}
