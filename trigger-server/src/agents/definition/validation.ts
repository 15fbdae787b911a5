/** The rules for a definition (`docs/dograh-api`, "Definition"): few to save a draft, all of them to publish. */
import type { AgentDefinition, AgentEdge, AgentNode, DefinitionFault } from '@dograh-trigger/shared';
import { findNodeType, nodeTypes } from '../node-types';
import { nameCollisions } from './function-faults';
import type { NamedTools } from './named-tools';
import { greetingLimits, isGreetingTooLong, payloadFault } from '../text-limits';

/**
 * Faults that even a draft may not have: too many nodes of a type, or names that stand twice at a node.
 * @param talks as of `nameCollisions`.
 */
export function structuralFaults(
  definition: AgentDefinition,
  tools: NamedTools,
  talks: boolean,
): DefinitionFault[] {
  return [...instanceFaults(definition.nodes), ...nameCollisions(definition, tools, talks)];
}

/** Every fault that prevents publishing. @param talks whether a language model holds the agent's calls. */
export function publishingFaults(
  definition: AgentDefinition,
  tools: NamedTools,
  talks: boolean,
): DefinitionFault[] {
  const ids = new Map(definition.nodes.map((node) => [node.id, node]));
  return [
    ...structuralFaults(definition, tools, talks),
    ...missingNodes(definition.nodes),
    ...duplicateIds(definition),
    ...definition.nodes.flatMap(nodeFaults),
    ...definition.nodes.flatMap(textFaults),
    ...unreachedNodes(definition),
    ...definition.edges.flatMap((edge) => edgeFaults(edge, ids)),
  ];
}

function instanceFaults(nodes: AgentNode[]): DefinitionFault[] {
  return nodeTypes.flatMap(({ name, graph_constraints: { max_instances: most } }) => {
    if (most === null) return [];
    const allowed = most === 1 ? `only one ${name} node` : `at most ${String(most)} ${name} nodes`;
    const surplus = nodes.filter((node) => node.type === name).slice(most);
    return surplus.map((node) => nodeFault(node, null, `A workflow can have ${allowed}.`));
  });
}

function missingNodes(nodes: AgentNode[]): DefinitionFault[] {
  return nodeTypes.flatMap(({ name, graph_constraints: { min_instances: least } }) => {
    if (least === null || nodes.some((node) => node.type === name)) return [];
    return [{ kind: 'workflow', id: null, field: null, message: `A workflow needs a ${name} node.` }];
  });
}

function duplicateIds({ nodes, edges }: AgentDefinition): DefinitionFault[] {
  return [
    ...repeated(nodes).map((node) => nodeFault(node, 'id', 'Two nodes have the same id.')),
    ...repeated(edges).map((edge) => edgeFault(edge, 'id', 'Two transitions have the same id.')),
  ];
}

/** All but the first of each id. */
function repeated<Item extends { id: string }>(items: readonly Item[]): Item[] {
  const seen = new Set<string>();
  return items.filter(({ id }) => {
    const isRepeated = seen.has(id);
    seen.add(id);
    return isRepeated;
  });
}

function nodeFaults(node: AgentNode): DefinitionFault[] {
  const type = findNodeType(node.type);
  if (type === undefined) return [nodeFault(node, 'type', 'This type of node is not known.')];
  const required = type.properties.filter((property) => property.required);
  return required.flatMap(({ name }) => {
    const value = node.data[name];
    const isBlank = typeof value !== 'string' || value.trim() === '';
    return isBlank ? [nodeFault(node, `data.${name}`, `The ${node.type} node needs a ${name}.`)] : [];
  });
}

/** Faults of the texts whose variables are filled in during or after a call. */
function textFaults(node: AgentNode): DefinitionFault[] {
  const { greeting, payload_template: payload } = node.data;
  if (node.type === 'startCall' && typeof greeting === 'string' && isGreetingTooLong(greeting)) {
    return [nodeFault(node, 'data.greeting', `The greeting is too long. ${greetingLimits}.`)];
  }
  const fault = node.type === 'webhook' && payload !== undefined ? payloadFault(payload) : null;
  return fault === null ? [] : [nodeFault(node, 'data.payload_template', fault)];
}

/** A step that no transition leads to can never be reached. */
function unreachedNodes({ nodes, edges }: AgentDefinition): DefinitionFault[] {
  const targets = new Set(edges.map(({ target }) => target));
  return nodes.flatMap((node) => {
    const least = findNodeType(node.type)?.graph_constraints.min_incoming ?? 0;
    if (least === 0 || targets.has(node.id)) return [];
    return [nodeFault(node, null, `The ${node.type} node needs a transition that leads to it.`)];
  });
}

function edgeFaults(edge: AgentEdge, nodes: Map<string, AgentNode>): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  for (const name of ['label', 'condition'] as const) {
    const value = edge.data?.[name];
    if (typeof value !== 'string' || value === '') {
      faults.push(edgeFault(edge, `data.${name}`, `A transition needs a ${name}.`));
    }
  }
  for (const [end, id] of [
    ['source', edge.source],
    ['target', edge.target],
  ] as const) {
    const node = nodes.get(id);
    if (node === undefined) {
      faults.push(edgeFault(edge, end, `The transition’s ${end} does not exist.`));
      continue;
    }
    const bounds = findNodeType(node.type)?.graph_constraints;
    if ((end === 'source' ? bounds?.max_outgoing : bounds?.max_incoming) === 0) {
      faults.push(edgeFault(edge, end, `A ${node.type} node cannot be the ${end} of a transition.`));
    }
  }
  return faults;
}

function nodeFault(node: AgentNode, field: string | null, message: string): DefinitionFault {
  return { kind: 'node', id: node.id, field, message };
}

function edgeFault(edge: AgentEdge, field: string, message: string): DefinitionFault {
  return { kind: 'edge', id: edge.id, field, message };
}
