/** Which numbers may be called at all: those in E.164 that a numbering plan could hold. */
import { parsePhoneNumber } from '@dograh-trigger/shared';
import { parsePhoneNumberFromString, type PhoneNumberType } from 'libphonenumber-js/max';
import { invalidPlace } from '../problem';

/** A number that was read once. What takes its numbering plan's patterns is worked out only when it is asked for. */
export interface Destination {
  e164: string;
  /** Without the plus: `44`. */
  callingCode: string;
  /** ISO 3166 codes: one, or all that the number could belong to, or none for an international service. */
  countries(): string[];
  /** `undefined` for a number that its plan does not hold, such as one in a range that is new. */
  type(): PhoneNumberType | undefined;
}

/**
 * Reads a number of the request.
 * `isPossible` and not `isValid`: numbering plans grow, and test numbers such as 555-01xx must pass.
 * A prefix that is dialled only inside the country (`+44 07…`, `+1 1 900…`) is refused: a carrier may drop it, and
 * would then reach a number that no rule has seen.
 * @throws Problem unprocessable at `body.phone_number`, with what to write instead.
 */
export function parseDestination(phoneNumber: string): Destination {
  const parsed = parsePhoneNumber(phoneNumber);
  if (!parsed.ok) throw refused(parsed.reason);
  const number = parsePhoneNumberFromString(parsed.e164, { extract: false });
  if (number?.isPossible() !== true) {
    throw refused(
      'No country has a phone number of this form. Check the country code and the number of digits.',
    );
  }
  if (number.number !== parsed.e164) {
    throw refused(
      'The number has a prefix that is dialled only inside its country, such as a 0 after the country code. Leave it out.',
    );
  }
  return {
    e164: parsed.e164,
    callingCode: number.countryCallingCode,
    countries: () => number.getPossibleCountries(),
    type: () => number.getType(),
  };
}

function refused(reason: string) {
  return invalidPlace({ type: 'phone_number', loc: ['body', 'phone_number'], msg: reason, input: null });
}
