/** The node's parameters as the client's types. A refusal names the field and says what to enter instead. */
import {
  cleanPhoneNumber,
  parseTriggerReference,
  TriggerError,
  type CallTarget,
  type Environment,
  type JsonObject,
} from '@dograh-trigger/shared';

/** @throws TriggerError `invalid_input`: an expression may yield anything, and a typing slip must not dial. */
export function readEnvironment(value: unknown): Environment {
  if (value === 'production' || value === 'test') return value;
  throw refusal('Environment', 'choose Production or Test; an expression must yield production or test');
}

/**
 * The agent of a resource locator: chosen from the list or by agent UUID, or through a trigger URL or UUID.
 *
 * @throws TriggerError `invalid_input` when nothing is chosen, when the text is no trigger, and when a URL
 * belongs to the other environment than the one that is set.
 */
export function readTarget(agent: unknown, environment: Environment): CallTarget {
  const mode = typeof agent === 'object' && agent !== null && 'mode' in agent ? agent.mode : null;
  const text = textOf(agent);
  if (text === '') throw refusal('Agent', 'choose an agent from the list, or enter its trigger URL or UUID');
  if (mode === 'list' || mode === 'agentUuid') return { agentUuid: text };

  const reference = parseTriggerReference(text);
  if (!reference) {
    throw refusal('Agent', 'this is no trigger URL or UUID; copy it from the API Trigger node of the agent');
  }
  if (reference.environment !== null && reference.environment !== environment) {
    throw refusal(
      'Agent',
      `this is the ${reference.environment} URL, but Environment is set to ${environment}; change one of them`,
    );
  }
  return reference.target;
}

/** @returns the number in E.164. @throws TriggerError `invalid_input` with the reason. */
export function readPhoneNumber(value: unknown): string {
  const check = cleanPhoneNumber(textOf(value));
  if (check.ok) return check.e164;
  throw refusal('Phone Number', check.reason);
}

/**
 * Variables as one JSON object: typed text, or an object as expressions and AI agents give it.
 *
 * @throws TriggerError `invalid_input` for anything but an object.
 */
export function readJsonVariables(value: unknown): JsonObject {
  const given = typeof value === 'string' ? parseJson(value) : value;
  if (given === null || given === undefined) return {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw refusal('Variables', 'enter one JSON object, such as {"name": "Jane"}');
  }
  return plainJson(given);
}

/** @throws TriggerError `invalid_input` for a value without a name and for a name that comes twice. */
export function readFieldVariables(rows: readonly { name: string; value: unknown }[]): JsonObject {
  const variables = new Map<string, unknown>();
  for (const { name, value } of rows) {
    if (name === '' && value === '') continue;
    if (name === '') throw refusal('Variables', 'a value has no name; enter one, or remove the row');
    if (variables.has(name))
      throw refusal('Variables', `the name ${name} comes twice; remove one of the rows`);
    variables.set(name, value);
  }
  return plainJson(Object.fromEntries(variables));
}

/** @returns the id, or undefined when the field is empty. @throws TriggerError `invalid_input` */
export function readId(displayName: string, value: unknown): number | undefined {
  const text = textOf(value);
  if (text === '') return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw refusal(displayName, 'enter a whole number, such as 42');
  return Number(text);
}

/** @returns the seconds, or undefined when the field is empty. @throws TriggerError `invalid_input` */
export function readSeconds(displayName: string, value: unknown): number | undefined {
  const text = textOf(value);
  if (text === '') return undefined;
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0) throw refusal(displayName, 'enter a number of seconds');
  return seconds;
}

export function refusal(displayName: string, reason: string): TriggerError {
  return new TriggerError({ code: 'invalid_input', message: `${displayName}: ${reason}` });
}

/** The text of a field or of a resource locator. A number from a spreadsheet column counts as its digits. */
function textOf(value: unknown): string {
  const inner = typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
  return typeof inner === 'string' || typeof inner === 'number' ? String(inner).trim() : '';
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds people's data.
    throw refusal(
      'Variables',
      'this is not JSON; put names and texts in double quotes, with no comma at the end',
    );
  }
}

/** What JSON keeps of a value: a date becomes its text, a name without a value is left out. */
function plainJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
