/** The arguments of a tool's request: what the call presets, and what the model fills in. */
import {
  renderText,
  type HttpApiConfig,
  type JsonObject,
  type JsonValue,
  type PresetParameter,
  type ToolParameter,
  type ToolParameterType,
} from '@dograh-trigger/shared';
import { shapeFault } from '../../http/body/json-shape';
import { isJsonObject } from '../../http/body/unknown-fields';
import type { ToolContext } from '../engine/tools';
import { ToolError } from './tool-error';

/** What a rendered preset may have together: a text in it may hold JSON, which would be useless when cut. */
const mostCharacters = 64 * 1024;

/** The JSON Schema of what the model fills in. */
export function parametersSchema(parameters: readonly ToolParameter[]): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, schemaOf(parameter)])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}

function schemaOf({ type, description }: ToolParameter): JsonObject {
  if (type === 'object') return { type, description, additionalProperties: true };
  if (type === 'array') return { type, description, items: {} };
  return { type, description };
}

/** What a template of a tool sees: the values of the call, what was gathered in it over them. */
export function templateContext({ initial, gathered }: ToolContext): JsonObject {
  return { ...initial, ...gathered, initial_context: initial, gathered_context: gathered };
}

/** The values of the presets. @throws ToolError for one that is required and empty, or not of its type. */
export function presetValues(config: HttpApiConfig, context: ToolContext, now: Date): JsonObject {
  const values = templateContext(context);
  return collect(config.preset_parameters ?? [], (preset) => presetValue(preset, values, now));
}

function presetValue(preset: PresetParameter, values: JsonObject, now: Date): JsonValue | undefined {
  const { name, type, value_template: template, required } = preset;
  const text = rendered(name, template, values, now);
  if (text === '') {
    if (!required) return undefined;
    throw new ToolError(`Preset parameter '${name}' resolved to an empty value`);
  }
  const value = ofType(type, text);
  if (value === undefined) throw new ToolError(`Preset parameter '${name}' is not of the type ${type}`);
  return value;
}

function rendered(name: string, template: string, values: JsonObject, now: Date): string {
  try {
    return renderText(template, values, { now, wholeUpTo: mostCharacters });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ToolError(`Preset parameter '${name}' is too long`);
  }
}

/**
 * What the model filled in. Names that the tool does not declare are dropped.
 * @throws ToolError for one that is required and missing, or not of its type.
 */
export function modelValues(parameters: readonly ToolParameter[], given: JsonObject): JsonObject {
  return collect(parameters, ({ name, type, required }) => {
    const value = Object.hasOwn(given, name) ? (given[name] ?? null) : null;
    if (value === null) {
      if (!required) return undefined;
      throw new ToolError(`The argument '${name}' is missing`);
    }
    const fitting = ofType(type, value);
    if (fitting === undefined) throw new ToolError(`The argument '${name}' is not of the type ${type}`);
    return fitting;
  });
}

function collect<Parameter extends { name: string }>(
  parameters: readonly Parameter[],
  valueOf: (parameter: Parameter) => JsonValue | undefined,
): JsonObject {
  return Object.fromEntries(
    parameters.flatMap((parameter): [string, JsonValue][] => {
      const value = valueOf(parameter);
      return value === undefined ? [] : [[parameter.name, value]];
    }),
  );
}

/** The value in this type; undefined where it is none, not even as text. */
function ofType(type: ToolParameterType, value: Exclude<JsonValue, null>): JsonValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'object' ? undefined : String(value);
    case 'number':
      return typeof value === 'string' ? numberIn(value) : typeof value === 'number' ? value : undefined;
    case 'boolean':
      return typeof value === 'string' ? booleans.get(value.trim().toLowerCase()) : booleanOf(value);
    case 'object': {
      const object = typeof value === 'string' ? jsonIn(value) : value;
      return isJsonObject(object) ? object : undefined;
    }
    case 'array': {
      const list = typeof value === 'string' ? jsonIn(value) : value;
      return Array.isArray(list) ? list : undefined;
    }
  }
}

const booleans = new Map([
  ...['true', '1', 'yes', 'y', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'n', 'off'].map((word) => [word, false] as const),
]);

function booleanOf(value: JsonValue): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** As JSON writes numbers, and shorter than any that could not be exact. */
function numberIn(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 64 || !/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : undefined;
}

function jsonIn(text: string): JsonValue | undefined {
  if (shapeFault(Buffer.from(text)) !== null) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
