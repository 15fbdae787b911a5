/** Addresses of a telephony configuration, in Dograh's normal forms (API reference, "Phone numbers"). */
import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max';
import { invalidPlace } from '../problem';

export interface Address {
  normalized: string;
  type: 'pstn' | 'sip_uri' | 'sip_extension';
}

const digits = /^\+?\d{8,15}$/;
const sipUri = /^(sips?):(?:([^@]*)@)?(.+)$/i;

/**
 * A phone number becomes E.164, a SIP URI keeps its user's case, anything else is an extension.
 * @param countryCode ISO 3166 country of a number written without its calling code.
 * @throws Problem unprocessable at `body.country_code` when a number without `+` comes without a country.
 */
export function normalizeAddress(address: string, countryCode: string | null): Address {
  const trimmed = address.trim();
  const uri = sipUri.exec(trimmed);
  if (uri !== null) return { type: 'sip_uri', normalized: normalizeSipUri(uri) };
  const compact = trimmed.replace(/[\s\-()]/g, '');
  if (!digits.test(compact)) return { type: 'sip_extension', normalized: trimmed.toLowerCase() };
  if (compact.startsWith('+')) return { type: 'pstn', normalized: compact };
  return { type: 'pstn', normalized: `+${withCallingCode(compact, countryCode)}` };
}

function withCallingCode(number: string, countryCode: string | null): string {
  const country = countryCode?.toUpperCase();
  if (country === undefined || !isSupportedCountry(country)) {
    throw invalidPlace({
      type: 'value_error',
      loc: ['body', 'country_code'],
      msg: 'Write the number with + and its country code, or say which country it belongs to',
      input: countryCode,
    });
  }
  const callingCode = getCountryCallingCode(country);
  return number.startsWith(callingCode) ? number : callingCode + number.replace(/^0+/, '');
}

function normalizeSipUri([, scheme = 'sip', user, rest = '']: RegExpExecArray): string {
  const defaultPort = scheme.toLowerCase() === 'sips' ? ':5061' : ':5060';
  const [hostPort = '', ...parameters] = rest.toLowerCase().split(';');
  const host = hostPort.endsWith(defaultPort) ? hostPort.slice(0, -defaultPort.length) : hostPort;
  return `${scheme.toLowerCase()}:${user === undefined ? '' : `${user}@`}${[host, ...parameters].join(';')}`;
}
