import type { AgentDefinition, AgentEdge, AgentNode, JsonObject } from '@dograh-trigger/shared';
import type { AgentContent } from '../../../trigger-server/console/src/screens/agent/model/content';
import type { NodeSpecs } from '../../../trigger-server/console/src/screens/agent/model/graph-rules';
import { nodeTypes } from '../../../trigger-server/src/agents/node-types';

/** The server's own descriptions of the node types. */
export const specs: NodeSpecs = new Map(nodeTypes.map((spec) => [spec.name, spec]));

export function node(id: string, type: string, data: JsonObject = {}): AgentNode {
  return { id, type, data };
}

export function edge(source: string, target: string, data: JsonObject = {}): AgentEdge {
  return { id: `${source}-${target}`, source, target, data };
}

export function contentWith(
  definition: Partial<AgentDefinition>,
  rest: Partial<Omit<AgentContent, 'definition'>> = {},
): AgentContent {
  return {
    definition: { nodes: [], edges: [], ...definition },
    configurations: {},
    testValues: {},
    ...rest,
  };
}
