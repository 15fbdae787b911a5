/** Which numbers may be called at all: those in E.164 that a numbering plan could hold. */
import { parsePhoneNumber } from '@dograh-trigger/shared';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { invalidPlace } from '../problem';

/**
 * The number in E.164.
 * `isPossible` and not `isValid`: numbering plans grow, and test numbers such as 555-01xx must pass.
 * @throws Problem unprocessable at `body.phone_number`, with what to write instead.
 */
export function parseDestination(phoneNumber: string): string {
  const parsed = parsePhoneNumber(phoneNumber);
  if (!parsed.ok) throw refused(parsed.reason);
  if (parsePhoneNumberFromString(parsed.e164, { extract: false })?.isPossible() !== true) {
    throw refused(
      'No country has a phone number of this form. Check the country code and the number of digits.',
    );
  }
  return parsed.e164;
}

function refused(reason: string) {
  return invalidPlace({ type: 'phone_number', loc: ['body', 'phone_number'], msg: reason, input: null });
}
