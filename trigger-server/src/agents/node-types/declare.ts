/** Declares types of nodes. Every key that a declaration omits is null in the reply. */
import type { GraphConstraints, NodeSpec, PropertySpec, RowPropertySpec } from '@dograh-trigger/shared';

type RequiredKey = 'name' | 'type' | 'display_name' | 'description';
type Declared<Property> = Pick<Property, RequiredKey & keyof Property> & Partial<Property>;

const propertyDefaults = {
  llm_hint: null,
  default: null,
  required: false,
  placeholder: null,
  display_options: null,
  options: null,
  properties: null,
  min_value: null,
  max_value: null,
  min_length: null,
  max_length: null,
  pattern: null,
  editor: null,
  renderer_options: null,
} as const;

export function property(declared: Declared<PropertySpec>): PropertySpec {
  return { ...propertyDefaults, ...declared };
}

/** A field of each row of a `fixed_collection`. */
export function rowProperty(declared: Declared<RowPropertySpec>): RowPropertySpec {
  return { ...propertyDefaults, ...declared };
}

const noBounds: GraphConstraints = {
  min_incoming: null,
  max_incoming: null,
  min_outgoing: null,
  max_outgoing: null,
  min_instances: null,
  max_instances: null,
};

/** The bounds of a type of node that transitions neither leave nor enter. */
export const noTransitions = { min_incoming: 0, max_incoming: 0, min_outgoing: 0, max_outgoing: 0 };

export interface NodeType extends NodeSpec {
  graph_constraints: GraphConstraints;
}

export function nodeType(
  declared: Pick<NodeSpec, 'name' | 'display_name' | 'description' | 'category' | 'icon' | 'properties'> & {
    llm_hint?: string;
    example: { name: string; data: NodeSpec['examples'][number]['data'] };
    graph_constraints: Partial<GraphConstraints>;
  },
): NodeType {
  const { example, graph_constraints: bounds, llm_hint = null, ...rest } = declared;
  return {
    ...rest,
    llm_hint,
    docs_url: null,
    version: '1.0.0',
    examples: [{ ...example, description: null }],
    graph_constraints: { ...noBounds, ...bounds },
  };
}

/** Appended to the description of everything that this server stores for Dograh without using it. */
export const keptOnly = 'Kept for Dograh; this server does nothing with it.';

/** Ends the description of a property that matters only to agents with the answer `converse`. */
export const inTalks = 'Used where the agent talks.';

/** @param fields `{field: [value, …]}`: the property is shown only while the field has one of these values. */
export function shownWhen(fields: Record<string, (string | number | boolean)[]>) {
  return { show: fields, hide: null };
}

/** The options of a property, from values and their labels. */
export function choices(labels: Record<string, string>) {
  return Object.entries(labels).map(([value, label]) => ({ value, label, description: null }));
}
