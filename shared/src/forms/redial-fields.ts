/** The fields for when a call that reached nobody is placed again. */
import { mostAttempts, retryConditions, type Retry } from '../contracts';
import { fieldRefusal, fieldText } from './input-fields';

export interface RedialFields {
  /** How often the call is placed at most. */
  attempts: unknown;
  /** A list of the endings after which it is placed again. */
  on: unknown;
  /** Minutes, as text: one number or several, separated by commas. */
  pauses: unknown;
}

/**
 * @returns undefined where the call is placed once.
 * @throws TriggerError `invalid_input`
 */
export function readRedialFields({ attempts, on, pauses }: RedialFields): Retry | undefined {
  const count = Number(fieldText(attempts) || 1);
  if (!Number.isInteger(count) || count < 1 || count > mostAttempts) {
    throw fieldRefusal('Attempts', `enter a whole number from 1 to ${String(mostAttempts)}`);
  }
  if (count === 1) return undefined;
  return { max_attempts: count, on: readConditions(on), after: readPauses(pauses) };
}

function readConditions(value: unknown): Retry['on'] {
  const words: unknown[] = Array.isArray(value) ? value.filter((word) => word !== '') : [];
  const known = retryConditions.filter((condition) => words.includes(condition));
  if (known.length > 0 && known.length === new Set(words).size) return known;
  throw fieldRefusal('Redial After', `choose one or more of ${retryConditions.join(', ')}`);
}

function readPauses(value: unknown): string[] {
  const minutes = fieldText(value).split(/[\s,;]+/);
  if (minutes.every((text) => /^[1-9]\d{0,4}$/.test(text))) return minutes.map((text) => `PT${text}M`);
  throw fieldRefusal('Pauses', 'enter whole minutes, one number or several such as 15, 120');
}
