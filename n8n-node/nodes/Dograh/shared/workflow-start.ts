/** What started the workflow: the same in a retry, which n8n gives the saved items of the first execution. */
import { sha256Hex } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

/** What an expression sees of a node as `$('Name')`. */
interface NodeData {
  isExecuted: boolean;
  all(): { json: IDataObject }[];
}

/** It gives an empty item, or what is pinned to it: the same at each start. */
const startsByHand: ReadonlySet<string> = new Set(['n8n-nodes-base.manualTrigger']);

/**
 * A hash of the items that the trigger of this execution gave.
 *
 * @returns undefined where there are none that tell one start from another: a start by hand gives the same each time, and the
 *   tool of an AI agent has no nodes before it.
 */
export function startOfWorkflow(context: IExecuteFunctions): string | undefined {
  const proxy: { $: (name: string) => NodeData } = context.getWorkflowDataProxy(0);
  for (const { name, type } of context.getParentNodes(context.getNode().name)) {
    if (context.getParentNodes(name).length > 0 || startsByHand.has(type)) continue;
    const trigger = proxy.$(name);
    if (!trigger.isExecuted) continue;
    const items = trigger.all().map(({ json }) => json);
    if (items.some((json) => Object.keys(json).length > 0)) return sha256Hex(JSON.stringify(items));
  }
  return undefined;
}
