/** The functions that a node offers to the model: its tools, then its transitions. Nothing else may be called in it. */
import type { AgentEdge, AgentNode } from '@dograh-trigger/shared';
import { callableName, transitionFunctionName } from '../../agents/definition/function-names';
import { isEndNode, outgoingEdges, textOf } from './nodes';
import type { OfferedFunction } from './port';
import type { Script } from './script';
import type { Tool } from './tools';

export type Offer = { function: OfferedFunction } & ({ tool: Tool } | { edge: AgentEdge });

/** No two of them have one name: endpoints refuse that. The first one stands. */
export function offersOf(script: Script, node: AgentNode): Offer[] {
  if (isEndNode(node)) return [];
  const edges = outgoingEdges(script.definition, node);
  const offers = [...toolsOf(script, node).map(offerTool), ...edges.map(offerTransition)];
  const names = offers.map(({ function: { name } }) => name);
  return offers.filter(({ function: { name } }, index) => names.indexOf(name) === index);
}

function toolsOf({ tools }: Script, { data }: AgentNode): Tool[] {
  const ids = Array.isArray(data.tool_uuids) ? data.tool_uuids : [];
  return tools.filter(({ id }) => ids.includes(id));
}

function offerTool(tool: Tool): Offer {
  const { functionName: name, description, parameters } = tool;
  return { function: { name, description, parameters }, tool };
}

function offerTransition(edge: AgentEdge): Offer {
  return {
    function: {
      name: callableName(transitionFunctionName(textOf(edge.data?.label))),
      description: textOf(edge.data?.condition),
      parameters: { type: 'object', properties: {}, required: [] },
    },
    edge,
  };
}
