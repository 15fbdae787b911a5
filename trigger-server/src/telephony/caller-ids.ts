/** Which of the phone numbers can be shown to the one who is called: readiness and the call itself must agree on it. */
import type { ConfigurationRow, PhoneNumberRow } from './store';

/** The active phone numbers of a configuration; a SIP address is no caller ID. */
export function callerIdsOf(row: ConfigurationRow, numbers: readonly PhoneNumberRow[]): PhoneNumberRow[] {
  return numbers.filter(
    (number) =>
      number.telephony_configuration_id === row.id &&
      number.is_active === 1 &&
      number.address_type === 'pstn',
  );
}
