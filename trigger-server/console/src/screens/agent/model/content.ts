/** What an editor changes of an agent. Every change returns new content and keeps keys that the console does not know. */
import type {
  Agent,
  AgentDefinition,
  AgentEdge,
  AgentNode,
  AgentVersion,
  JsonObject,
  JsonValue,
  NodeSpec,
} from '@dograh-trigger/shared';

export interface AgentContent {
  definition: AgentDefinition;
  /** `workflow_configurations`. */
  configurations: JsonObject;
  /** `template_context_variables`: values that the server uses for test calls only. */
  testValues: JsonObject;
}

export interface Position {
  x: number;
  y: number;
}

export function contentOfAgent(agent: Agent): AgentContent {
  return {
    definition: agent.workflow_definition,
    configurations: agent.workflow_configurations ?? {},
    testValues: agent.template_context_variables ?? {},
  };
}

export function contentOfVersion(version: AgentVersion): AgentContent {
  return {
    definition: version.workflow_json,
    configurations: version.workflow_configurations ?? {},
    testValues: version.template_context_variables ?? {},
  };
}

/** Whether two contents are saved as the same JSON. The order of keys counts, as it does for the server's revision. */
export function isSameContent(one: AgentContent, other: AgentContent): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** The name that people see: its own, or that of its type. */
export function nameOfNode(node: AgentNode, spec?: NodeSpec): string {
  const { name } = node.data;
  return typeof name === 'string' && name.trim() !== '' ? name : (spec?.display_name ?? node.type);
}

export function nameOfEdge(edge: AgentEdge): string {
  const label = edge.data?.label;
  return typeof label === 'string' && label.trim() !== '' ? label : 'no label yet';
}

function freshId(stem: string, taken: readonly { id: string }[]): string {
  const ids = new Set(taken.map(({ id }) => id));
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? stem : `${stem}-${number}`;
    if (!ids.has(id)) return id;
  }
}

/** A node of a type with the values that its form begins with. */
export function newNode(spec: NodeSpec, { nodes }: AgentDefinition, position: Position): AgentNode {
  const data: JsonObject = {};
  for (const property of spec.properties) {
    if (property.default !== null) data[property.name] = property.default;
  }
  return { id: freshId(spec.name, nodes), type: spec.name, position: { ...position }, data };
}

function withNodes(content: AgentContent, nodes: AgentNode[]): AgentContent {
  return { ...content, definition: { ...content.definition, nodes } };
}

function withEdges(content: AgentContent, edges: AgentEdge[]): AgentContent {
  return { ...content, definition: { ...content.definition, edges } };
}

/** The object without the key, or with the value under it. */
export function withKey(object: JsonObject, key: string, value: JsonValue | undefined): JsonObject {
  const { [key]: _old, ...rest } = object;
  if (value === undefined) return rest;
  return Object.hasOwn(object, key) ? { ...object, [key]: value } : { ...rest, [key]: value };
}

export function addNode(content: AgentContent, node: AgentNode): AgentContent {
  return withNodes(content, [...content.definition.nodes, node]);
}

/** Also removes the transitions that lead to the node or leave it. */
export function removeNode(content: AgentContent, id: string): AgentContent {
  const { nodes, edges } = content.definition;
  const without = withNodes(
    content,
    nodes.filter((node) => node.id !== id),
  );
  return withEdges(
    without,
    edges.filter(({ source, target }) => source !== id && target !== id),
  );
}

/** @param value undefined removes the field. */
export function setNodeField(
  content: AgentContent,
  id: string,
  field: string,
  value: JsonValue | undefined,
): AgentContent {
  return withNodes(
    content,
    content.definition.nodes.map((node) =>
      node.id === id ? { ...node, data: withKey(node.data, field, value) } : node,
    ),
  );
}

export function moveNodes(content: AgentContent, positions: ReadonlyMap<string, Position>): AgentContent {
  return withNodes(
    content,
    content.definition.nodes.map((node) => {
      const position = positions.get(node.id);
      return position === undefined ? node : { ...node, position: { ...node.position, ...position } };
    }),
  );
}

/** @returns the content with a transition that has neither a label nor a condition yet, and its id. */
export function addEdge(
  content: AgentContent,
  ends: { source: string; target: string },
): { content: AgentContent; id: string } {
  const { edges } = content.definition;
  const id = freshId(`${ends.source}-${ends.target}`, edges);
  const edge = { id, ...ends, data: { label: '', condition: '' } };
  return { content: withEdges(content, [...edges, edge]), id };
}

export function setEdgeField(
  content: AgentContent,
  id: string,
  field: string,
  value: JsonValue | undefined,
): AgentContent {
  return withEdges(
    content,
    content.definition.edges.map((edge) =>
      edge.id === id ? { ...edge, data: withKey(edge.data ?? {}, field, value) } : edge,
    ),
  );
}

/** Leads a transition to another node. */
export function redirectEdge(content: AgentContent, id: string, target: string): AgentContent {
  return withEdges(
    content,
    content.definition.edges.map((edge) => (edge.id === id ? { ...edge, target } : edge)),
  );
}

export function removeEdge(content: AgentContent, id: string): AgentContent {
  return withEdges(
    content,
    content.definition.edges.filter((edge) => edge.id !== id),
  );
}

/** The server gives a trigger node without a path one when it is saved. What was typed meanwhile stays. */
export function withSavedTriggerPaths(content: AgentContent, saved: AgentContent): AgentContent {
  return saved.definition.nodes.reduce((changed, { id, type, data }) => {
    const here = content.definition.nodes.find((node) => node.id === id);
    const isMissing = here !== undefined && (here.data['trigger_path'] ?? '') === '';
    return type === 'trigger' && isMissing
      ? setNodeField(changed, id, 'trigger_path', data['trigger_path'])
      : changed;
  }, content);
}
