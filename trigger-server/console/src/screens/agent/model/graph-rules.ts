/** Which nodes and transitions an agent may have, as the server's list of node types says. */
import type { AgentDefinition, AgentNode, NodeSpec } from '@dograh-trigger/shared';

export type NodeSpecs = ReadonlyMap<string, NodeSpec>;

/** @returns why no further node of the type may be added, or null. */
export function refusalOfNode({ nodes }: AgentDefinition, spec: NodeSpec): string | null {
  const most = spec.graph_constraints?.max_instances ?? null;
  if (most === null || nodes.filter(({ type }) => type === spec.name).length < most) return null;
  const allowed = most === 1 ? 'one' : `at most ${most}`;
  return `An agent has ${allowed} ${spec.display_name}.`;
}

export function mayLeave(spec: NodeSpec | undefined): boolean {
  return spec?.graph_constraints?.max_outgoing !== 0;
}

export function mayEnter(spec: NodeSpec | undefined): boolean {
  return spec?.graph_constraints?.max_incoming !== 0;
}

/** The nodes that a transition may lead to. */
export function possibleTargets({ nodes }: AgentDefinition, specs: NodeSpecs): AgentNode[] {
  return nodes.filter(({ type }) => mayEnter(specs.get(type)));
}

/** @returns why there may be no transition between the two nodes, or null. */
export function refusalOfEdge(
  { nodes }: AgentDefinition,
  specs: NodeSpecs,
  ends: { source: string; target: string },
): string | null {
  const specOf = (id: string) => specs.get(nodes.find((node) => node.id === id)?.type ?? '');
  const source = specOf(ends.source);
  const target = specOf(ends.target);
  if (!mayLeave(source)) return `No transition may leave a node of the type ${source?.display_name ?? ''}.`;
  if (!mayEnter(target)) return `No transition may lead to a node of the type ${target?.display_name ?? ''}.`;
  return null;
}
