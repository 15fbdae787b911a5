/** How a type of node is declared: what is said of it, with null for all that is not. */
import type { GraphConstraints, NodeSpec, PropertySpec, RowPropertySpec } from '@dograh-trigger/shared';

type Said = 'name' | 'type' | 'display_name' | 'description';
type Declared<Property> = Pick<Property, Said & keyof Property> & Partial<Property>;

const unsaidOfProperty = {
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

export function property(said: Declared<PropertySpec>): PropertySpec {
  return { ...unsaidOfProperty, ...said };
}

/** A field of each row of a `fixed_collection`. */
export function rowProperty(said: Declared<RowPropertySpec>): RowPropertySpec {
  return { ...unsaidOfProperty, ...said };
}

const noBounds: GraphConstraints = {
  min_incoming: null,
  max_incoming: null,
  min_outgoing: null,
  max_outgoing: null,
  min_instances: null,
  max_instances: null,
};

/** The bounds of a type of node that is never an end of a transition. */
export const noTransitions = { min_incoming: 0, max_incoming: 0, min_outgoing: 0, max_outgoing: 0 };

export interface NodeType extends NodeSpec {
  graph_constraints: GraphConstraints;
}

export function nodeType(
  said: Pick<NodeSpec, 'name' | 'display_name' | 'description' | 'category' | 'icon' | 'properties'> & {
    llm_hint?: string;
    example: { name: string; data: NodeSpec['examples'][number]['data'] };
    graph_constraints: Partial<GraphConstraints>;
  },
): NodeType {
  const { example, graph_constraints: bounds, llm_hint = null, ...rest } = said;
  return {
    ...rest,
    llm_hint,
    docs_url: null,
    version: '1.0.0',
    examples: [{ ...example, description: null }],
    graph_constraints: { ...noBounds, ...bounds },
  };
}

/** Said of what an agent that comes from Dograh may have, and this server keeps as it is. */
export const keptOnly = 'Kept for Dograh; this server does nothing with it.';

/** `{field: [value, …]}`: shown only while the field has one of these values. */
export function shownWhen(fields: Record<string, (string | number | boolean)[]>) {
  return { show: fields, hide: null };
}

/** A choice of words that need no other label than themselves. */
export function choices(labels: Record<string, string>) {
  return Object.entries(labels).map(([value, label]) => ({ value, label, description: null }));
}
