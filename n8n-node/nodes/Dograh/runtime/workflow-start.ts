/** What started the workflow: the same in a retry, which n8n gives the saved items of the first execution. */
import { sha256Hex } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

export interface WorkflowStart {
  /** A hash of the items that the trigger gave. */
  items: string;
  /** Whether no other start has these items. */
  isUnique: boolean;
}

/** What an expression sees of a node as `$('Name')`. */
interface NodeData {
  isExecuted: boolean;
  all(): { json: IDataObject }[];
}

/**
 * The triggers whose items hold the time of the start, or the ID of what started it. Of any other trigger two starts may have
 * equal items: a webhook that is sent the same body, a workflow that another one calls with the same row.
 */
const uniqueStarts: ReadonlySet<string> = new Set([
  'n8n-nodes-base.scheduleTrigger',
  'n8n-nodes-base.formTrigger',
  'n8n-nodes-dograh.dograhTrigger',
  'n8n-nodes-dograh.dograhPollingTrigger',
]);

/** @returns undefined where no trigger gave anything, as before the tool of an AI agent. */
export function startOfWorkflow(context: IExecuteFunctions): WorkflowStart | undefined {
  const proxy: { $: (name: string) => NodeData } = context.getWorkflowDataProxy(0);
  for (const { name, type } of context.getParentNodes(context.getNode().name)) {
    if (context.getParentNodes(name).length > 0) continue;
    const trigger = proxy.$(name);
    if (!trigger.isExecuted) continue;
    const items = trigger.all().map(({ json }) => json);
    if (items.some((json) => Object.keys(json).length > 0)) {
      return { items: sha256Hex(JSON.stringify(items)), isUnique: uniqueStarts.has(type) };
    }
  }
  return undefined;
}
