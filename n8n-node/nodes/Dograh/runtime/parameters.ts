/** Converts the node's parameters to the client's types. Errors use the terms of n8n's editor. */
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
 * @throws TriggerError `invalid_input` when nothing is chosen, when the text is not a trigger, and when a URL
 *   belongs to another environment than the selected one.
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
 * Variables as one JSON object: text, or an object from an expression or an AI agent.
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
 * Variables by name; a dotted name is a path. A missing value of an expression is left out, as in {@link
 * readMappedVariables}. Empty text is sent, because the user added its row.
 *
 * @throws TriggerError `invalid_input` for a value without a name, and for a duplicate name.
 */
export function readFieldVariables(rows: readonly { name: unknown; value: unknown }[]): JsonObject {
  const entries = rows
    // A name may come from an expression, such as a column of numbers.
    .map(({ name, value }): [string, unknown] => [fieldText(name), value])
    .filter(([name, value]) => name !== '' || !(isMissing(value) || value === ''));
  if (entries.some(([name]) => name === '')) {
    throw fieldRefusal('Variables', 'a value has no name; enter one, or remove the row');
  }
  return nested(entries.filter(([, value]) => !isMissing(value)));
}

/**
 * Variables from the fields of a resource mapper. An empty one is left out, so that the agent uses its own
 * fallback.
 *
 * @throws TriggerError `invalid_input` for a name that is a prefix of another path.
 */
export function readMappedVariables(values: unknown): JsonObject {
  if (typeof values !== 'object' || values === null) return {};
  return nested(Object.entries(values).filter(([, value]) => !isMissing(value) && value !== ''));
}

/** Null counts as missing: if it were sent, it would replace the agent's own value. */
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
 * @param timeZone the workflow's time zone. The editor's date picker returns dates in it, without a zone.
 * @throws TriggerError `invalid_input`
 */
export function readDate(displayName: string, value: unknown, timeZone: string): Date | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  // An expression may yield a Luxon date, whose JSON is ISO 8601 with a zone.
  const text = typeof value === 'number' ? value : String(JSON.parse(JSON.stringify(value)));
  const isLocal = /^\d{4}-\d\d-\d\d([T ][\d:.]+)?$/.test(String(text));
  const date = isLocal ? readLocalDate(String(text), timeZone) : new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw fieldRefusal(displayName, 'enter a date and time, such as 2026-08-22T03:04:05Z');
}

function readLocalDate(text: string, timeZone: string): Date {
  const asUtc = new Date(`${text.replace(' ', 'T')}${text.length > 10 ? '' : 'T00:00:00'}Z`);
  if (Number.isNaN(asUtc.getTime())) return asUtc;
  // The local time at that moment of UTC differs from it by the zone's offset. The Swedish format is ISO 8601.
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

/** The value after JSON serialization: a date becomes text, and undefined is left out. */
function plainJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
