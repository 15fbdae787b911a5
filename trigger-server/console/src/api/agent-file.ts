/** An agent as a file: Dograh's editor writes and reads the same, `{name, workflow_definition}`. */
import type { AgentDefinition } from '@dograh-trigger/shared';

export interface AgentFile {
  /** Null in a file that holds the definition alone. */
  name: string | null;
  definition: AgentDefinition;
}

export function agentFileText(name: string, definition: AgentDefinition): string {
  return `${JSON.stringify({ name, workflow_definition: definition }, null, 2)}\n`;
}

/** A name for the file that every system accepts. */
export function agentFileName(name: string): string {
  const safe = name
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, ' ')
    .trim()
    .slice(0, 80);
  return `${safe === '' ? 'agent' : safe}.json`;
}

/**
 * Reads a file of Dograh or of this console. Keys that are not known here stay; the server checks the rest.
 * @throws Error with a sentence for the user.
 */
export function readAgentFile(text: string): AgentFile {
  const content = parse(text);
  if (!isObject(content)) throw new Error('This file is not an agent: it holds no JSON object.');
  const definition = {
    edges: [],
    ...(isObject(content['workflow_definition']) ? content['workflow_definition'] : content),
  };
  if (!isDefinition(definition))
    throw new Error('This file is not an agent: it has no list of nodes with an id, a type and data each.');
  const { name } = content;
  return { name: typeof name === 'string' && name.trim() !== '' ? name : null, definition };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('This file is not an agent: it is not JSON.');
  }
}

function isDefinition(value: Record<string, unknown>): value is AgentDefinition {
  return isListOf(value['nodes'], isNode) && isListOf(value['edges'], isEdge);
}

function isListOf(value: unknown, isItem: (item: Record<string, unknown>) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item) && isItem(item));
}

function isNode({ id, type, data }: Record<string, unknown>): boolean {
  return typeof id === 'string' && typeof type === 'string' && isObject(data);
}

function isEdge({ id, source, target }: Record<string, unknown>): boolean {
  return [id, source, target].every((part) => typeof part === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
