/** Fields for the variables of the chosen agent: the values that it is given, and those that it extracts. */
import {
  fieldText,
  isTriggerError,
  nestVariables,
  type JsonObject,
  type JsonValue,
  type TemplateVariable,
} from '@dograh-trigger/shared';
import type { Bundle, PlainInputField, ZObject } from 'zapier-platform-core';
import { findNamedAgent } from './agents';
import { createClient } from '../platform/client';

const prefix = 'variable';
const maximumFallbackLength = 300;
/** Together with the text before it this stays below 1,000 characters, the limit of Zapier's schema. */
const maximumErrorLength = 800;

/**
 * One field for each variable. If they cannot be listed, a note with the reason replaces them: an error would keep
 * the editor from showing the step.
 */
export async function agentVariableFields(
  z: ZObject,
  bundle: Pick<Bundle, 'authData' | 'inputData'>,
): Promise<PlainInputField[]> {
  try {
    const client = createClient(z, bundle);
    const agent = await findNamedAgent(client, bundle.inputData.agent);
    if (agent === undefined) return [];
    const { variables } = await client.getAgent(agent.id);
    return variables.map(toField);
  } catch (error) {
    if (!isTriggerError(error)) throw error;
    const reason = quote(error.message, maximumErrorLength);
    const helpText = `The variables of the agent cannot be listed; enter them below. The reason: ${reason}`;
    return [{ key: 'agent_note', type: 'copy', helpText }];
  }
}

const fieldTypes: Readonly<Record<string, 'number' | 'boolean' | undefined>> = {
  number: 'number',
  boolean: 'boolean',
};
/** Two underscores in a row lead into a value that is an object. */
const mappableName = /^(?!.*__)[A-Za-z]\w{0,99}$/;
const mostExtracted = 200;

/**
 * One output field for each value that the chosen agent extracts, so that a Zap can be built before its first call.
 * Without them the values are in the output all the same, so nothing here is an error.
 */
export async function extractedOutputFields(z: ZObject, bundle: Pick<Bundle, 'authData' | 'inputData'>) {
  try {
    const client = createClient(z, bundle);
    const agent = await findNamedAgent(client, bundle.inputData.agent);
    if (agent === undefined) return [];
    const { extractionVariables } = await client.getAgent(agent.id);
    return extractionVariables
      .filter(({ name }) => mappableName.test(name))
      .slice(0, mostExtracted)
      .map(({ name, type }) => ({
        key: `gathered_context__extracted_variables__${name}`,
        label: `Extracted ${name}`,
        type: fieldTypes[type] ?? ('string' as const),
      }));
  } catch (error) {
    if (isTriggerError(error)) return [];
    throw error;
  }
}

/**
 * @returns the entered values; a dotted name is a path. Empty values are left out.
 * @throws TriggerError `invalid_input` for two names of which one is a prefix of the other.
 */
export function readVariables(input: Record<string, unknown>): JsonObject {
  return nestVariables('Variables', enteredVariables(input));
}

/** The entered values by the names of their variables, without empty ones. */
export function enteredVariables(input: Record<string, unknown>): (readonly [string, JsonValue])[] {
  return Object.entries(input)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [variableName(key), readValue(value)] as const)
    .filter(([, value]) => value !== '');
}

/** Text and numbers become text. Lists, objects, `true` and `false` of another step stay unchanged. */
function readValue(value: unknown): JsonValue {
  const text = fieldText(value);
  // Field values are parsed JSON.
  return text === '' && typeof value !== 'string' ? ((value ?? '') as JsonValue) : text;
}

function toField({ name, fallback }: TemplateVariable): PlainInputField {
  return {
    key: variableKey(name),
    label: name,
    type: 'string',
    required: false,
    helpText:
      fallback === null || fallback === ''
        ? 'The agent says nothing in its place when it is empty.'
        : `When it is empty the agent says: ${quote(fallback, maximumFallbackLength)}`,
  };
}

/**
 * Help texts are Markdown. In backticks and on one line, text of other people is not formatted, and an address is
 * not a link.
 */
function quote(text: string, maximumLength: number): string {
  const line = text.replaceAll('`', "'").replace(/\s+/g, ' ');
  return `\`${line.length > maximumLength ? `${line.slice(0, maximumLength)}…` : line}\``;
}

/**
 * The field key of a variable. A name may contain any character, a key only letters, digits and single underscores.
 * So every other character becomes an underscore and the four hex digits of its UTF-16 code unit.
 */
export function variableKey(name: string): string {
  const encode = (character: string) => `_${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return prefix + name.replace(/[^A-Za-z0-9]/g, encode);
}

function variableName(key: string): string {
  const decode = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));
  return key.slice(prefix.length).replace(/_([0-9a-f]{4})/g, decode);
}
