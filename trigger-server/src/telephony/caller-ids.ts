/** Which of the phone numbers can be shown to the one who is called: readiness and the call itself must agree on it. */
import type { PhoneNumberRow } from './store';

type Candidate = Pick<PhoneNumberRow, 'telephony_configuration_id' | 'is_active' | 'address_type'>;

/** The active phone numbers of a configuration; a SIP address is no caller ID. */
export function callerIdsOf<PhoneNumber extends Candidate>(
  row: { id: number },
  numbers: readonly PhoneNumber[],
): PhoneNumber[] {
  return numbers.filter(
    (number) =>
      number.telephony_configuration_id === row.id &&
      number.is_active === 1 &&
      number.address_type === 'pstn',
  );
}
