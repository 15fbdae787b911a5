/** The variables of the chosen agent as fields of a step, and the values that were entered for them. */
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
/** With the words before it, below the 1,000 characters that Zapier's schema allows. */
const maximumErrorLength = 800;

/**
 * One field for each variable. Throws nothing that a user could meet: without its fields the editor could not even
 * show the step, so what went wrong stands in their place.
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

/**
 * @returns the values that were entered, each at the place that its dotted name says. Empty ones are left out.
 * @throws TriggerError `invalid_input` for two values that cannot stand beside each other.
 */
export function readVariables(input: Record<string, unknown>): JsonObject {
  const entered = Object.entries(input)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [variableName(key), readValue(value)] as const)
    .filter(([, value]) => value !== '');
  return nestVariables('Variables', entered);
}

/** Text and numbers are text; what a step gives as a list, an object, `true` or `false` stays that. */
function readValue(value: unknown): JsonValue {
  const text = fieldText(value);
  // Field values reach a step as parsed JSON.
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

/** A help text is Markdown: in backticks, on one line, what others wrote stays text, and an address is no link. */
function quote(text: string, maximumLength: number): string {
  const line = text.replaceAll('`', "'").replace(/\s+/g, ' ');
  return `\`${line.length > maximumLength ? `${line.slice(0, maximumLength)}…` : line}\``;
}

/**
 * A name may have any character, a field's key only letters, digits and single underscores: every other character
 * becomes an underscore and the four hex digits of its UTF-16 code unit.
 */
export function variableKey(name: string): string {
  const encode = (character: string) => `_${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return prefix + name.replace(/[^A-Za-z0-9]/g, encode);
}

function variableName(key: string): string {
  const decode = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));
  return key.slice(prefix.length).replace(/_([0-9a-f]{4})/g, decode);
}
