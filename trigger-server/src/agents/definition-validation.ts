/** What a definition must be (API reference, "Definition JSON"): little to be saved, everything to be published. */
import type { AgentDefinition, AgentEdge, AgentNode, DefinitionFault } from '@dograh-trigger/shared';

type Requirement = 'name' | 'prompt';

interface NodeRule {
  required: Requirement[];
  /** Which ends of an edge may be at such a node. */
  edges: 'both' | 'outgoing' | 'none';
  /** A webhook node is one row more in the transaction that ends a call, and one request more to somebody. */
  atMost?: number;
}

const nodeRules: Record<string, NodeRule> = {
  startCall: { required: ['name', 'prompt'], edges: 'outgoing', atMost: 1 },
  agentNode: { required: ['name', 'prompt'], edges: 'both' },
  endCall: { required: ['name', 'prompt'], edges: 'both' },
  globalNode: { required: ['name', 'prompt'], edges: 'none', atMost: 1 },
  trigger: { required: ['name'], edges: 'outgoing', atMost: 1 },
  webhook: { required: ['name'], edges: 'none', atMost: 50 },
  qa: { required: ['name'], edges: 'none' },
};

/** Faults that even a draft may not have: two of what there can be one of, or two transitions of one name. */
export function structuralFaults(definition: AgentDefinition): DefinitionFault[] {
  return [...instanceFaults(definition.nodes), ...transitionFaults(definition.edges)];
}

/** Every fault that keeps a definition from being published. */
export function publishingFaults(definition: AgentDefinition): DefinitionFault[] {
  const ids = new Map(definition.nodes.map((node) => [node.id, node]));
  return [
    ...structuralFaults(definition),
    ...startFaults(definition.nodes),
    ...duplicateIds(definition.nodes),
    ...definition.nodes.flatMap(nodeFaults),
    ...definition.edges.flatMap((edge) => edgeFaults(edge, ids)),
  ];
}

function instanceFaults(nodes: AgentNode[]): DefinitionFault[] {
  return Object.entries(nodeRules).flatMap(([type, rule]) => {
    if (rule.atMost === undefined) return [];
    const allowed =
      rule.atMost === 1 ? `only one ${type} node` : `at most ${String(rule.atMost)} ${type} nodes`;
    const surplus = nodes.filter((node) => node.type === type).slice(rule.atMost);
    return surplus.map((node) => nodeFault(node, null, `A workflow can have ${allowed}.`));
  });
}

function transitionFaults(edges: AgentEdge[]): DefinitionFault[] {
  const seen = new Set<string>();
  return edges.flatMap((edge) => {
    const label = edge.data?.label;
    if (typeof label !== 'string' || label.trim() === '') return [];
    const key = JSON.stringify([edge.source, label.trim().toLowerCase()]);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [edgeFault(edge, 'data.label', 'Two transitions of one node have the same label.')];
  });
}

function startFaults(nodes: AgentNode[]): DefinitionFault[] {
  if (nodes.some((node) => node.type === 'startCall')) return [];
  return [{ kind: 'workflow', id: null, field: null, message: 'A workflow needs a startCall node.' }];
}

function duplicateIds(nodes: AgentNode[]): DefinitionFault[] {
  const seen = new Set<string>();
  return nodes.flatMap((node) => {
    if (seen.has(node.id)) return [nodeFault(node, 'id', 'Two nodes have the same id.')];
    seen.add(node.id);
    return [];
  });
}

function nodeFaults(node: AgentNode): DefinitionFault[] {
  const rule = Object.hasOwn(nodeRules, node.type) ? nodeRules[node.type] : undefined;
  if (rule === undefined) return [nodeFault(node, 'type', 'This type of node is not known.')];
  return rule.required.flatMap((name) => {
    const value = node.data[name];
    const isBlank = typeof value !== 'string' || value.trim() === '';
    return isBlank ? [nodeFault(node, `data.${name}`, `The ${node.type} node needs a ${name}.`)] : [];
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
    const allowed = nodeRules[node.type]?.edges ?? 'both';
    if (allowed === 'none' || (allowed === 'outgoing' && end === 'target')) {
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
