/**
 * Converts the fields of a host's form to the client's types. An error names the field and says what to enter
 * instead. If that depends on the host, the host passes the text as `advice`.
 */
import { voicemailActions, waitingChoices, type Voicemail, type WaitingChoice } from '../contracts';
import { TriggerError } from '../errors';
import { cleanPhoneNumber } from './phone-number';
import { parseTriggerReference, type CallTarget, type Environment } from '../trigger-url';

/** @param label The field's name as the user sees it. @param reason What is wrong, or what to enter instead. */
export function fieldRefusal(label: string, reason: string): TriggerError {
  return new TriggerError({ code: 'invalid_input', message: `${label}: ${reason}` });
}

/** The text of a field. A number, as from a spreadsheet column, becomes its digits; any other value is empty text. */
export function fieldText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/**
 * @param country see {@link cleanPhoneNumber}.
 * @returns the number in E.164.
 * @throws TriggerError `invalid_input` with the reason.
 */
export function readPhoneNumberField(value: unknown, label = 'Phone Number', country?: string): string {
  const check = cleanPhoneNumber(fieldText(value), country);
  if (check.ok) return check.e164;
  throw fieldRefusal(label, check.reason);
}

/**
 * @throws TriggerError `invalid_input` for anything but production and test: a computed value may be wrong, and
 *   must not dial.
 */
export function readEnvironmentField(value: unknown, advice: string): Environment {
  const text = fieldText(value);
  if (text === 'production' || text === 'test') return text;
  throw fieldRefusal('Environment', advice);
}

/**
 * The agent behind a trigger URL, a trigger path or `workflow/<agent uuid>`.
 *
 * @throws TriggerError `invalid_input` when the text is none of these, and when a URL belongs to another
 *   environment than the given one.
 */
export function readTriggerReferenceField(
  value: unknown,
  environment: Environment,
  advice: string,
): CallTarget {
  const reference = parseTriggerReference(fieldText(value));
  if (!reference) throw fieldRefusal('Agent', advice);
  if (reference.environment !== null && reference.environment !== environment) {
    throw fieldRefusal(
      'Agent',
      `this is the ${reference.environment} URL, but Environment is set to ${environment}; change one of them`,
    );
  }
  return reference.target;
}

/** @returns the id, or undefined when the field is empty. @throws TriggerError `invalid_input` */
export function readIdField(label: string, value: unknown, advice: string): number | undefined {
  const text = fieldText(value);
  if (text === '') return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw fieldRefusal(label, advice);
}

/**
 * The two fields for what a call does if a machine answers.
 *
 * @returns undefined when both are empty: the agent's own setting applies.
 * @throws TriggerError `invalid_input` for an unknown action, and for a message that would never be spoken.
 */
export function readVoicemailFields(action: unknown, message: unknown): Voicemail | undefined {
  const text = fieldText(message);
  const word = fieldText(action);
  const known = voicemailActions.find((one) => one === word);
  if (word !== '' && known === undefined) {
    throw fieldRefusal('Voicemail', `choose one of ${voicemailActions.join(', ')}`);
  }
  if (text !== '' && known !== 'leave_message') {
    throw fieldRefusal(
      'Voicemail Message',
      'it is only spoken with Leave a message in Voicemail; choose that, or leave the message empty',
    );
  }
  if (known === undefined) return undefined;
  return text === '' ? { action: known } : { action: known, message: text };
}

/**
 * A field with a choice between waiting and refusal.
 *
 * @returns undefined when it is empty.
 * @throws TriggerError `invalid_input`
 */
export function readWaitingField(label: string, value: unknown): WaitingChoice | undefined {
  const text = fieldText(value);
  if (text === '') return undefined;
  const choice = waitingChoices.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw fieldRefusal(
    label,
    `choose one from the list; a computed value must be ${waitingChoices.join(' or ')}`,
  );
}

/**
 * A field that accepts JSON as text or as a value. In text, a whole number that is too large for a JavaScript
 * number becomes a string with its digits.
 *
 * @returns the parsed text; undefined for empty text; any other value unchanged.
 * @throws TriggerError `invalid_input` when the text is not JSON.
 */
export function parseJsonField(label: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return undefined;
  try {
    return JSON.parse(value.replace(stringOrInteger, keepDigits));
  } catch {
    // The parser's own message would quote the text, which contains personal data.
    if (isJson(value.replace(/[\n\r\t]/g, ' '))) {
      throw fieldRefusal(
        label,
        'a text in this JSON has a line break or a tab in it; write \\n or \\t in its place',
      );
    }
    throw fieldRefusal(
      label,
      'this is not JSON; put names and texts in double quotes, with no comma at the end',
    );
  }
}

const stringOrInteger = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function keepDigits(token: string): string {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
