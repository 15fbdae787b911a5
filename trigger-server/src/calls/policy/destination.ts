/** Which numbers can be dialled: those in E.164 that are possible in their numbering plan. */
import { cleanPhoneNumber, parsePhoneNumber, type PhoneNumberCheck } from '@dograh-trigger/shared';
import { numberingPlans, type PhoneNumber, type PhoneNumberType } from '../../numbering-plans';
import { invalidPlace, Problem } from '../../problem';

/** A parsed number. The functions search its numbering plan, which is slow, so they run only where a rule needs them. */
export interface Destination {
  e164: string;
  /** Without the plus: `44`. */
  callingCode: string;
  /** ISO 3166 codes: one, or all that the number could belong to, or none for an international service. */
  countries(): string[];
  /** `undefined` for a number that is not in its plan, such as one in a new range. */
  type(): PhoneNumberType | undefined;
}

/**
 * Reads a number of the request.
 * `isPossible` and not `isValid`: numbering plans grow, and test numbers such as 555-01xx must pass.
 * A prefix that is dialled only inside the country (`+44 07…`, `+1 1 900…`) is refused: a carrier may drop it, and
 * would then reach a number that no rule has seen.
 * @param place where the request has it.
 * @throws Problem unprocessable at this place, with what to write instead.
 */
export function parseDestination(
  phoneNumber: string,
  place: readonly string[] = ['body', 'phone_number'],
): Destination {
  const parsed = parsePhoneNumber(phoneNumber);
  if (!parsed.ok) throw refused(parsed.reason, place);
  const number = numberingPlans().parsePhoneNumberFromString(parsed.e164, { extract: false });
  if (number?.isPossible() !== true) {
    throw refused(formerMexican.test(parsed.e164) ? reasons.mexico : reasons.impossible, place);
  }
  if (number.number !== parsed.e164) throw refused(reasonFor(parsed.e164, number), place);
  return {
    e164: parsed.e164,
    callingCode: number.countryCallingCode,
    countries: () => number.getPossibleCountries(),
    type: () => number.getType(),
  };
}

/** Reads a number of a list, as spreadsheets write it. The reason for a refusal does not quote the number. */
export function readListedNumber(text: string): PhoneNumberCheck {
  const cleaned = cleanPhoneNumber(text);
  if (!cleaned.ok) return cleaned;
  try {
    return { ok: true, e164: parseDestination(cleaned.e164).e164 };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, reason: error.words };
    throw error;
  }
}

/**
 * Mexico had a 1 before mobile numbers that were called from abroad, and 01, 044 and 045 for calls inside the country;
 * none of them since August 2020: https://www.itu.int/dms_pub/itu-t/oth/02/02/T020200008A0003PDFE.pdf
 */
const formerMexican = /^\+52(?:0?1|04[45])\d{10}$/;

const reasons = {
  impossible: 'No country has a phone number of this form. Check the country code and the number of digits.',
  mexico:
    'Mexican numbers no longer have a 1 after the country code, nor 01, 044 or 045. Write +52 and the ten digits.',
  prefix:
    'The number has a prefix that is dialled only inside its country, such as a 0 after the country code. Leave it out.',
  // Inside Argentina a 15 marks a mobile number, from abroad a 9 does; without either, another phone rings.
  argentina:
    'The number has the 15 that is dialled only inside Argentina. Leave it out, and write a 9 after +54: +54 9, area code, number.',
  areaCode:
    'The number lacks digits that are left out only inside its country. Write it as it is dialled from abroad, with its area code.',
} as const;

/** @param number the same number by its numbering plan, which differs from `e164`. */
function reasonFor(e164: string, { countryCallingCode, nationalNumber }: PhoneNumber): string {
  if (e164.endsWith(nationalNumber)) return reasons.prefix;
  return countryCallingCode === '54' ? reasons.argentina : reasons.areaCode;
}

function refused(reason: string, place: readonly string[]) {
  return invalidPlace({ type: 'phone_number', loc: [...place], msg: reason, input: null });
}
