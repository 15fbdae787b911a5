/** Reads the parts of a definition that a conversation follows. A published definition may come from anywhere. */
import type { AgentDefinition, AgentEdge, AgentNode, JsonValue } from '@dograh-trigger/shared';

export function findNode({ nodes }: AgentDefinition, id: string): AgentNode | undefined {
  return nodes.find((node) => node.id === id);
}

/** @throws Error when there is none: such a definition cannot be published. */
export function startNode({ nodes }: AgentDefinition): AgentNode {
  const start = nodes.find(({ type }) => type === 'startCall');
  if (start === undefined) throw new Error('The definition has no Start node');
  return start;
}

export function isEndNode({ type }: AgentNode): boolean {
  return type === 'endCall';
}

export function outgoingEdges({ edges }: AgentDefinition, { id }: AgentNode): AgentEdge[] {
  return edges.filter(({ source }) => source === id);
}

export function nodeName(node: AgentNode): string {
  return textOf(node.data.name);
}

/** Empty for everything that is no text. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
