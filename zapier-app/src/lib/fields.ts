/** The values of a step's fields, checked. A refusal names the field and says what to enter instead. */
import {
  cleanPhoneNumber,
  parseTriggerReference,
  TriggerError,
  type CallTarget,
  type Environment,
} from '@dograh-trigger/shared';

/** @throws TriggerError `invalid_input`: a mapped value may be anything, and a slip must not dial. */
export function readEnvironment(value: unknown): Environment {
  const text = textOf(value);
  if (text === 'production' || text === 'test') return text;
  throw refusal('Environment', 'choose Production or Test; a mapped value must be production or test');
}

/**
 * The agent that was chosen (`workflow/<agent uuid>`), or a trigger URL or trigger path that was mapped or pasted.
 *
 * @throws TriggerError `invalid_input`, also for a URL of the other environment than the one that is set.
 */
export function readTarget(value: unknown, environment: Environment): CallTarget {
  const reference = parseTriggerReference(textOf(value));
  if (!reference) throw refusal('Agent', 'choose an agent, or enter its trigger URL');
  if (reference.environment !== null && reference.environment !== environment) {
    throw refusal(
      'Agent',
      `this is the ${reference.environment} URL, but Environment is set to ${environment}; change one of them`,
    );
  }
  return reference.target;
}

/** Returns the number in E.164. @throws TriggerError `invalid_input` with the reason. */
export function readPhoneNumber(value: unknown): string {
  const check = cleanPhoneNumber(textOf(value));
  if (check.ok) return check.e164;
  throw refusal('Phone Number', check.reason);
}

/** Returns the id, or undefined when the field is empty. @throws TriggerError `invalid_input` */
export function readId(label: string, value: unknown): number | undefined {
  const text = textOf(value);
  if (text === '') return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw refusal(label, 'choose one from the list, or enter its ID, a whole number such as 42');
}

/** The text of a field. A number counts as its digits; an empty field may be missing or `null`. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

export function refusal(label: string, reason: string): TriggerError {
  return new TriggerError({ code: 'invalid_input', message: `${label}: ${reason}` });
}
