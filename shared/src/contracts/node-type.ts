/** `GET /node-types`: the node types of an agent's definition, with the descriptions of their forms. */
import * as z from 'zod';
import { jsonObject, type JsonValue } from './json';

const propertyType = z.enum([
  'string',
  'number',
  'boolean',
  'options',
  'multi_options',
  'fixed_collection',
  'json',
  'tool_refs',
  'document_refs',
  'recording_ref',
  'credential_ref',
  'mention_textarea',
  'url',
]);

const fieldValues = z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])));

const displayOptions = z.object({
  show: fieldValues.nullable().meta({ description: 'Shown only while every field has one of its values.' }),
  hide: fieldValues.nullable().meta({ description: 'Hidden while any field has one of its values.' }),
});

const propertyOption = z.object({
  value: z.union([z.string(), z.number(), z.boolean()]),
  label: z.string(),
  description: z.string().nullable(),
});

const rendererOptions = z.object({
  layout: z.object({ column_span: z.int().nullable() }).nullable(),
  number_input: z.object({ fractional: z.boolean() }).nullable(),
});

/** A field of a row in a `fixed_collection`. Rows are not nested. */
const rowProperty = z.object({
  name: z.string().meta({ description: 'The key in the node’s data.' }),
  type: propertyType,
  display_name: z.string(),
  description: z.string(),
  llm_hint: z.string().nullable(),
  default: z
    .custom<JsonValue>(() => true)
    .meta({ description: 'The initial value in an editor; null for none.' }),
  required: z.boolean().meta({ description: 'Whether it needs a value before the agent can be published.' }),
  placeholder: z.string().nullable(),
  display_options: displayOptions.nullable(),
  options: z.array(propertyOption).nullable(),
  properties: z.null(),
  min_value: z.number().nullable(),
  max_value: z.number().nullable(),
  min_length: z.int().nullable(),
  max_length: z.int().nullable(),
  pattern: z.string().nullable(),
  editor: z.string().nullable().meta({ description: 'textarea, or null for the editor of its type.' }),
  renderer_options: rendererOptions.nullable(),
});
export type RowPropertySpec = z.infer<typeof rowProperty>;

const nodeProperty = rowProperty
  .extend({
    properties: z
      .array(rowProperty)
      .nullable()
      .meta({ description: 'The fields of each row of a fixed_collection.' }),
  })
  .meta({ id: 'PropertySpec' });
export type PropertySpec = z.infer<typeof nodeProperty>;

const bound = z.int().nullable();

const graphConstraints = z
  .object({
    min_incoming: bound,
    max_incoming: bound,
    min_outgoing: bound,
    max_outgoing: bound,
    min_instances: bound,
    max_instances: bound,
  })
  .meta({ id: 'GraphConstraints', description: 'null is no bound.' });
export type GraphConstraints = z.infer<typeof graphConstraints>;

export const nodeSpec = z
  .object({
    name: z.string().meta({ description: 'The `type` of such a node.', example: 'startCall' }),
    display_name: z.string(),
    description: z.string(),
    llm_hint: z.string().nullable(),
    docs_url: z.string().nullable(),
    category: z.enum(['call_node', 'global_node', 'trigger', 'integration']),
    icon: z.string().meta({ description: 'The name of a Lucide icon.' }),
    version: z.string(),
    properties: z.array(nodeProperty),
    examples: z.array(z.object({ name: z.string(), description: z.string().nullable(), data: jsonObject })),
    graph_constraints: graphConstraints.nullable(),
  })
  .meta({ id: 'NodeSpec' });
export type NodeSpec = z.infer<typeof nodeSpec>;

export const nodeTypeList = z
  .object({ spec_version: z.string().meta({ example: '1.0.0' }), node_types: z.array(nodeSpec) })
  .meta({ id: 'NodeTypeList' });
