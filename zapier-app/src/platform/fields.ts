/** Reads and checks a step's fields. Errors use the terms of Zapier's editor. */
import {
  fieldRefusal,
  fieldText,
  readEnvironmentField,
  readIdField,
  readTriggerReferenceField,
  type CallTarget,
  type Environment,
} from '@dograh-trigger/shared';

/** @throws TriggerError `invalid_input` */
export function readEnvironment(value: unknown): Environment {
  return readEnvironmentField(value, 'choose Production or Test; a mapped value must be production or test');
}

/**
 * The agent that was chosen (`workflow/<agent uuid>`), or a trigger URL or trigger path that was mapped or pasted.
 *
 * @throws TriggerError `invalid_input`
 */
export function readTarget(value: unknown, environment: Environment): CallTarget {
  return readTriggerReferenceField(value, environment, 'choose an agent, or enter its trigger URL');
}

/**
 * One of a list of choices, with a default for an empty field.
 *
 * @throws TriggerError `invalid_input`
 */
export function readChoice<Choice extends string>(
  label: string,
  value: unknown,
  choices: readonly Choice[],
  defaultChoice: Choice,
): Choice {
  const text = fieldText(value);
  const chosen = text === '' ? defaultChoice : choices.find((choice) => choice === text);
  if (chosen !== undefined) return chosen;
  throw fieldRefusal(label, `choose one from the list; a mapped value must be ${choices.join(' or ')}`);
}

/** Returns the id, or undefined when the field is empty. @throws TriggerError `invalid_input` */
export function readId(label: string, value: unknown): number | undefined {
  return readIdField(label, value, 'choose one from the list, or enter its ID, a whole number such as 42');
}
