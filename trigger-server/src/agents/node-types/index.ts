/**
 * Every type of node, declared once. The declarations serve the forms of editors (`GET /node-types`) and the checks of
 * definitions (`definition/validation.ts`). Names, defaults and bounds are Dograh's (`docs/dograh-api`, "Definition").
 */
import { agentNode } from './agent-node';
import type { NodeType } from './declare';
import { endCall } from './end-call';
import { globalNode } from './global-node';
import { qa } from './qa';
import { startCall } from './start-call';
import { trigger } from './trigger';
import { webhook } from './webhook';

export const nodeTypes: readonly NodeType[] = [
  startCall,
  agentNode,
  endCall,
  globalNode,
  trigger,
  webhook,
  qa,
];

const byName = new Map(nodeTypes.map((type) => [type.name, type]));

export function findNodeType(name: string): NodeType | undefined {
  return byName.get(name);
}
