/** Which phone numbers can be a caller ID. Readiness and the call itself use the same rule. */
import type { PhoneNumberRow } from './store';

type Candidate = Pick<PhoneNumberRow, 'telephony_configuration_id' | 'is_active' | 'address_type'>;

/** The active phone numbers of a configuration, without SIP addresses, which cannot be a caller ID. */
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
