/** What an agent here takes over of an agent whose calls another server holds: the texts and their variables. */
import type { AgentDefinition, AgentNode } from '@dograh-trigger/shared';

/** Webhook nodes and the like stay out: the other server runs them, and they would run twice. */
const keptTypes: ReadonlySet<string> = new Set(['startCall', 'agentNode', 'endCall', 'globalNode']);

/** Tools and documents of the other server mean nothing here. */
const namesThere: ReadonlySet<string> = new Set(['tool_uuids', 'document_uuids']);

/** The nodes that talk, with their transitions, and a trigger of its own. */
export function definitionOfImported({ nodes, edges }: AgentDefinition): AgentDefinition {
  const kept = nodes.filter(({ type }) => keptTypes.has(type)).map(withoutNamesThere);
  const ids = new Set(kept.map(({ id }) => id));
  const start = kept.find(({ type }) => type === 'startCall')?.position ?? {};
  return {
    nodes: [
      ...kept,
      {
        id: freeId(ids),
        type: 'trigger',
        position: { x: numberOf(start.x) - 400, y: numberOf(start.y) },
        data: { name: 'API Trigger', enabled: true },
      },
    ],
    edges: edges.filter(({ source, target }) => ids.has(source) && ids.has(target)),
  };
}

function withoutNamesThere(node: AgentNode): AgentNode {
  const data = Object.entries(node.data).filter(([name]) => !namesThere.has(name));
  return { ...node, data: Object.fromEntries(data) };
}

function freeId(taken: ReadonlySet<string>, id = 'trigger'): string {
  return taken.has(id) ? freeId(taken, `${id}-here`) : id;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
