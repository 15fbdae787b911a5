/** The accepted forms of an organization's phone number, and its normal form (`docs/dograh-api`, "Phone numbers"). */
import { parsePhoneNumber } from '@dograh-trigger/shared';
import { numberingPlans } from '../numbering-plans';
import { invalidPlace, type Problem } from '../problem';

export interface Address {
  type: 'pstn' | 'sip_uri' | 'sip_extension';
  /** E.164 for `pstn`. */
  normalized: string;
}

const defaultSipPorts: Partial<Record<string, string>> = { sip: '5060', sips: '5061' };
const sipUri = /^(sips?):(?:([^@\s]*)@)?(\[[0-9a-f:.]+\]|[^@\s:;?[\]]+)(?::(\d{1,5}))?([;?]\S*)?$/i;

/**
 * A phone number becomes E.164, a SIP URI keeps the case of its user part, and anything else is a SIP extension.
 * @param countryCode from `normalizeCountryCode`, for a number without a calling code.
 * @throws Problem unprocessable at `body.address` or `body.country_code`, with advice on what to send instead.
 */
export function normalizeAddress(address: string, countryCode: string | null): Address {
  const trimmed = address.trim();
  if (/^sips?:/i.test(trimmed)) return { type: 'sip_uri', normalized: normalizeSipUri(trimmed) };
  if (trimmed.startsWith('+')) return { type: 'pstn', normalized: normalizeInternational(trimmed) };
  const digits = trimmed.replace(/[\s()-]/g, '');
  if (/^\d{8,15}$/.test(digits)) return { type: 'pstn', normalized: normalizeNational(digits, countryCode) };
  if (trimmed === '' || /\s/.test(trimmed)) {
    throw refused(
      'address',
      'Write a phone number with a leading +, a SIP URI (sip:user@host) or an extension without spaces.',
    );
  }
  return { type: 'sip_extension', normalized: trimmed.toLowerCase() };
}

/**
 * The country code in upper case. @throws Problem unprocessable at `body.country_code` when there is no such country.
 */
export function normalizeCountryCode(code: string): string {
  const country = code.toUpperCase();
  if (!numberingPlans().isSupportedCountry(country))
    throw refused('country_code', 'There is no country with this ISO 3166 code.');
  return country;
}

function normalizeInternational(text: string): string {
  const parsed = parsePhoneNumber(text);
  if (!parsed.ok) throw refused('address', parsed.reason);
  return parsed.e164;
}

/**
 * Uses the country's own rules: they differ in which leading zero belongs to a number, and whether it may begin with
 * the calling code.
 */
function normalizeNational(digits: string, countryCode: string | null): string {
  const { isSupportedCountry, parsePhoneNumberFromString } = numberingPlans();
  if (countryCode === null || !isSupportedCountry(countryCode)) {
    throw refused(
      'country_code',
      'Write the number with a leading + and its country code, or say which country it belongs to.',
    );
  }
  const parsed = parsePhoneNumberFromString(digits, countryCode);
  if (parsed?.isPossible() !== true) {
    throw refused(
      'address',
      `No phone number of ${countryCode} has this form. Check the digits and country_code.`,
    );
  }
  return parsed.number;
}

/** Scheme, host and parameters are case-insensitive; the user part is not (RFC 3261, 19.1.4). */
function normalizeSipUri(text: string): string {
  const match = sipUri.exec(text);
  if (match === null) {
    throw refused('address', 'Write a SIP URI as sip:user@host, with its port or parameters after it.');
  }
  const [, scheme = '', user, host = '', port, parameters = ''] = match;
  const shownScheme = scheme.toLowerCase();
  const shownUser = user === undefined ? '' : `${user}@`;
  const shownPort = port === undefined || port === defaultSipPorts[shownScheme] ? '' : `:${port}`;
  return `${shownScheme}:${shownUser}${host.toLowerCase()}${shownPort}${parameters.toLowerCase()}`;
}

function refused(field: 'address' | 'country_code', msg: string): Problem {
  return invalidPlace({ type: 'value_error', loc: ['body', field], msg, input: null });
}
