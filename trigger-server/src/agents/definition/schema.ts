/**
 * The schema of an agent's definition for the OpenAPI document: a union by type of node, derived from `node-types/`. It
 * only describes. The rules are in `validation.ts`, because an unfinished draft may be saved.
 */
import type { JsonObject, JsonValue, PropertySpec, RowPropertySpec } from '@dograh-trigger/shared';
import type { NodeType } from '../node-types/declare';
import { nodeTypes } from '../node-types';

/** The components that describe a definition, by name. `AgentDefinition` replaces the component of the contract. */
export function definitionSchemas(): Record<string, JsonObject> {
  const known = Object.fromEntries(nodeTypes.map((type) => [componentOf(type), nodeSchema(type)]));
  return {
    AgentDefinition: {
      type: 'object',
      description:
        'Nodes and the transitions between them. GET /node-types tells the same of each type, for a form. Unknown keys are kept.',
      properties: {
        nodes: {
          type: 'array',
          default: [],
          items: { anyOf: [...Object.keys(known), 'OtherNode'].map(referenceTo) },
        },
        edges: { type: 'array', default: [], items: referenceTo('AgentEdge') },
      },
    },
    ...known,
    OtherNode: {
      ...nodeOf({ type: 'string', not: { enum: nodeTypes.map(({ name }) => name) } }, { type: 'object' }),
      description: 'A type that this server does not know. It is saved in a draft, and cannot be published.',
    },
    AgentEdge: edgeSchema,
  };
}

const edgeSchema: JsonObject = {
  type: 'object',
  description: 'A transition from one step of the conversation to another.',
  properties: {
    id: { type: 'string' },
    source: { type: 'string', description: 'The id of the node that is left.' },
    target: { type: 'string', description: 'The id of the node that comes next.' },
    data: {
      type: 'object',
      properties: {
        label: { type: 'string', description: 'Its name. To be published, it needs one.' },
        condition: {
          type: 'string',
          description: 'When the conversation goes this way. To be published, it needs one.',
        },
      },
    },
  },
  required: ['id', 'source', 'target'],
};

/** `startCall` is `StartCallNode`, `agentNode` is `AgentNode`. */
function componentOf({ name }: NodeType): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replace(/Node$/, '')}Node`;
}

function referenceTo(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function nodeSchema(type: NodeType): JsonObject {
  const data = {
    type: 'object',
    properties: Object.fromEntries(type.properties.map((property) => [property.name, describe(property)])),
    examples: type.examples.map((example) => example.data),
  };
  return { ...nodeOf({ const: type.name }, data), title: type.display_name, description: type.description };
}

function nodeOf(type: JsonObject, data: JsonObject): JsonObject {
  return {
    type: 'object',
    properties: {
      id: { type: 'string', description: 'Names the node within its agent.' },
      type,
      position: { type: 'object', description: 'Where an editor draws it: x and y.' },
      data,
    },
    required: ['id', 'type', 'data'],
  };
}

function describe(property: PropertySpec | RowPropertySpec): JsonObject {
  const needed = property.required ? ' To be published, the node needs it.' : '';
  const byDefault: JsonObject = property.default === null ? {} : { default: property.default };
  return {
    ...valueOf(property),
    ...bounds(property),
    ...byDefault,
    description: `${property.description}${needed}`,
  };
}

function valueOf(property: PropertySpec | RowPropertySpec): JsonObject {
  switch (property.type) {
    case 'number':
    case 'boolean':
      return orNull(property.type);
    case 'options':
      return { enum: wordsOf(property) };
    case 'multi_options':
      return { ...orNull('array'), items: { enum: wordsOf(property) } };
    case 'fixed_collection':
      return { ...orNull('array'), items: rowSchema(property) };
    case 'json':
      return orNull('object');
    case 'tool_refs':
    case 'document_refs':
      return { ...orNull('array'), items: { type: 'string' } };
    case 'string':
    case 'mention_textarea':
    case 'url':
    case 'recording_ref':
    case 'credential_ref':
      return orNull('string');
  }
}

/** An editor writes null for an empty field. */
function orNull(type: string): JsonObject {
  return { type: [type, 'null'] };
}

function wordsOf({ options }: PropertySpec | RowPropertySpec): JsonValue[] {
  return (options ?? []).map(({ value }) => value);
}

function rowSchema(property: PropertySpec | RowPropertySpec): JsonObject {
  const fields = property.properties ?? [];
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, describe(field)])),
  };
}

function bounds(property: PropertySpec | RowPropertySpec): JsonObject {
  const keywords = {
    minimum: property.min_value,
    maximum: property.max_value,
    maxLength: property.max_length,
    pattern: property.pattern,
  };
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== null));
}
