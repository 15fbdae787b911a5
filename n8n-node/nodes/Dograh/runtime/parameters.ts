/** The node's parameters as the client's types, with the words of n8n's editor for what to enter instead. */
import {
  fieldRefusal,
  fieldText,
  nestVariables,
  parseJsonField,
  readEnvironmentField,
  readIdField,
  readTriggerReferenceField,
  type CallTarget,
  type Environment,
  type JsonObject,
  type JsonValue,
} from '@dograh-trigger/shared';

/** @throws TriggerError `invalid_input` */
export function readEnvironment(value: unknown): Environment {
  return readEnvironmentField(
    value,
    'choose Production or Test; an expression must yield production or test',
  );
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
  if (text === '')
    throw fieldRefusal('Agent', 'choose an agent from the list, or enter its trigger URL or UUID');
  if (mode === 'list' || mode === 'agentUuid') return { agentUuid: text };

  return readTriggerReferenceField(
    text,
    environment,
    'this is no trigger URL or UUID; copy it from the API Trigger node of the agent',
  );
}

/**
 * Variables as one JSON object: typed text, or an object as expressions and AI agents give it.
 *
 * @throws TriggerError `invalid_input` for anything but an object.
 */
export function readJsonVariables(value: unknown): JsonObject {
  const given = parseJsonField('Variables', value);
  if (given === null || given === undefined) return {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw fieldRefusal('Variables', 'enter one JSON object, such as {"name": "Jane"}');
  }
  return plainJson(given);
}

/**
 * Variables by name; a dotted name is a path. A value that an expression does not find is left out, as in
 * {@link readMappedVariables}; a text that was left empty is sent, because its row was added by hand.
 *
 * @throws TriggerError `invalid_input` for a value without a name and for a name that comes twice.
 */
export function readFieldVariables(rows: readonly { name: unknown; value: unknown }[]): JsonObject {
  const entries = rows
    // A name may come from an expression, such as a column that holds numbers.
    .map(({ name, value }): [string, unknown] => [fieldText(name), value])
    .filter(([name, value]) => name !== '' || !(isMissing(value) || value === ''));
  if (entries.some(([name]) => name === '')) {
    throw fieldRefusal('Variables', 'a value has no name; enter one, or remove the row');
  }
  return nested(entries.filter(([, value]) => !isMissing(value)));
}

/**
 * Variables from the fields of a resource mapper. One that is left empty is left out: then the agent's own fallback
 * for it is spoken.
 *
 * @throws TriggerError `invalid_input` for a name that is the beginning of another one.
 */
export function readMappedVariables(values: unknown): JsonObject {
  if (typeof values !== 'object' || values === null) return {};
  return nested(Object.entries(values).filter(([, value]) => !isMissing(value) && value !== ''));
}

/** A null that is sent would stand in the way of the agent's own value for the variable. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function nested(entries: readonly (readonly [string, unknown])[]): JsonObject {
  return nestVariables(
    'Variables',
    entries.map(([name, value]): [string, JsonValue] => [
      name,
      JSON.parse(JSON.stringify(value)) as JsonValue,
    ]),
  );
}

/** @throws TriggerError `invalid_input` */
export function readRunId(value: unknown): number {
  const runId = readId('Run ID', value);
  if (runId === undefined) throw fieldRefusal('Run ID', 'enter the run_id that Place returned');
  return runId;
}

/**
 * The instant of a date field, or undefined when it is empty.
 *
 * @param timeZone the workflow's, in which the editor's date picker means its dates: it gives them without a zone.
 * @throws TriggerError `invalid_input`
 */
export function readDate(displayName: string, value: unknown, timeZone: string): Date | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  // An expression may yield one of n8n's own dates, whose JSON is ISO 8601 with its zone.
  const text = typeof value === 'number' ? value : String(JSON.parse(JSON.stringify(value)));
  const isLocal = /^\d{4}-\d\d-\d\d([T ][\d:.]+)?$/.test(String(text));
  const date = isLocal ? readLocalDate(String(text), timeZone) : new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw fieldRefusal(displayName, 'enter a date and time, such as 2026-08-22T03:04:05Z');
}

function readLocalDate(text: string, timeZone: string): Date {
  const asUtc = new Date(`${text.replace(' ', 'T')}${text.length > 10 ? '' : 'T00:00:00'}Z`);
  if (Number.isNaN(asUtc.getTime())) return asUtc;
  // What the clock there shows at that moment of UTC is off by the zone's offset. Swedish dates are ISO 8601.
  const there = asUtc.toLocaleString('sv-SE', { timeZone }).replace(' ', 'T');
  return new Date(2 * asUtc.getTime() - Date.parse(`${there}Z`) - (asUtc.getTime() % 1000));
}

/** @returns the id, or undefined when the field is empty. @throws TriggerError `invalid_input` */
export function readId(displayName: string, value: unknown): number | undefined {
  return readIdField(displayName, textOf(value), 'enter a whole number, such as 42');
}

/** @returns the seconds, or undefined when the field is empty. @throws TriggerError `invalid_input` */
export function readSeconds(displayName: string, value: unknown): number | undefined {
  const text = textOf(value);
  if (text === '') return undefined;
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0) throw fieldRefusal(displayName, 'enter a number of seconds');
  return seconds;
}

/** The text of a field or of a resource locator. */
export function textOf(value: unknown): string {
  return fieldText(typeof value === 'object' && value !== null && 'value' in value ? value.value : value);
}

/** What JSON keeps of a value: a date becomes its text, a name without a value is left out. */
function plainJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
