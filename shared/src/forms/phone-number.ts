/**
 * Converts phone numbers to E.164: a plus, then 7 to 15 digits, the first of them not zero (ITU-T E.164, 6.2.1). An
 * ambiguous number is refused, because a wrong guess would call a stranger.
 */

import { internationalNumber } from './national-number';

/** `reason` tells the user what to do. It never quotes the number. */
export type PhoneNumberCheck = { ok: true; e164: string } | { ok: false; reason: string };

const maximumLength = 64;

// Without an example: error messages contain no phone number.
const format = 'Write it in E.164 format: +, the country calling code and the number, digits only.';

const reasons = {
  empty: `The phone number is empty. ${format}`,
  tooLong: `The phone number is too long. ${format}`,
  address: `A SIP or tel: address cannot be called, only a phone number. ${format}`,
  extension: 'A phone number with an extension cannot be called. Write it without its extension.',
  trunkZero:
    'Remove "(0)" from the phone number, or write the 0 without brackets where it is dialled from abroad.',
  decimal: 'The phone number ends in ".0", so it was read as a quantity. Format it as text.',
  spreadsheet:
    'A spreadsheet has shortened the phone number (it looks like 1.41E+10) and its last digits are lost. ' +
    'Format the column as text and enter the number again.',
  notOfCountry:
    'The phone number has no + and calling code, and as a number of the default country it has too few or too many digits.',
  noPlus: `The phone number must begin with + and the country calling code. ${format}`,
  characters: `The phone number has characters that cannot be dialled. ${format}`,
  leadingZero: 'After the + comes the country calling code, which never begins with 0.',
  tooShort: 'The phone number has too few digits: at least 7 must follow the +.',
  tooManyDigits: 'The phone number has too many digits: at most 15 may follow the +.',
} as const;

/**
 * Parses a phone number strictly.
 *
 * @param text Must begin with `+`. Spaces, dots, dashes and brackets are removed: `+1 (415) 555-0100` becomes
 *   `+14155550100`.
 * @returns The number in E.164, or the reason for the refusal.
 */
export function parsePhoneNumber(text: string): PhoneNumberCheck {
  const trimmed = text.trim();
  if (trimmed === '') return refuse('empty');
  if (trimmed.length > maximumLength) return refuse('tooLong');
  if (/^(?:tel|sips?|PJSIP)[:/]/i.test(trimmed) || trimmed.includes('@')) return refuse('address');
  if (/\d\s*(?:;?\s*ext|[x#;])/i.test(trimmed)) return refuse('extension');
  // Some countries dial this zero from abroad and others do not, so it can be neither kept nor dropped.
  if (/\(\s*0\s*\)/.test(trimmed)) return refuse('trunkZero');

  // Otherwise only the dot would be removed, which yields a wrong number.
  if (trimmed.endsWith('.0')) return refuse('decimal');

  const number = trimmed.replace(/[ .()-]/g, '');
  if (!number.startsWith('+')) return refuse(/^\d+$/.test(number) ? 'noPlus' : 'characters');
  const digits = number.slice(1);
  if (!/^\d*$/.test(digits)) return refuse('characters');
  if (digits.startsWith('0')) return refuse('leadingZero');
  if (digits.length < 7) return refuse('tooShort');
  if (digits.length > 15) return refuse('tooManyDigits');
  return { ok: true, e164: number };
}

/**
 * Parses a phone number from a spreadsheet, a CRM or a web page. It cleans surrounding quotes, non-breaking spaces,
 * typographic dashes, full-width digits and invisible direction marks, and replaces a leading `00` by `+`. Then the
 * rules of {@link parsePhoneNumber} apply.
 *
 * @param country the country of a number without `+`, as an ISO 3166 code (default: such a number is refused).
 */
export function cleanPhoneNumber(text: string, country?: string): PhoneNumberCheck {
  if (text.length > 4 * maximumLength) return refuse('tooLong');
  const cleaned = text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Pd}|\u2212/gu, '-')
    .replace(/\s/g, ' ')
    .replace(/^[\s'"`‘’“”„«»]+|[\s'"`‘’“”„«»]+$/g, '');
  if (/^\+?\d+(?:[.,]\d+)?e[+-]?\d+$/i.test(cleaned)) return refuse('spreadsheet');
  const number = cleaned.replace(/^00/, '+');
  const check = parsePhoneNumber(number);
  if (country === undefined || check.ok || check.reason !== reasons.noPlus) return check;
  const international = internationalNumber(number, country);
  return international === undefined ? refuse('notOfCountry') : parsePhoneNumber(international);
}

function refuse(reason: keyof typeof reasons): PhoneNumberCheck {
  return { ok: false, reason: reasons[reason] };
}
