/**
 * Identifies the start of a workflow. It is the same in a retry, because n8n passes the saved items of the first
 * execution.
 */
import { sha256Hex } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

export interface WorkflowStart {
  /** A hash of the trigger's items. */
  items: string;
  /** Whether no other start can have the same items. */
  isUnique: boolean;
}

/** The value of `$('Name')` in an expression. */
interface NodeData {
  isExecuted: boolean;
  all(): { json: IDataObject }[];
}

/**
 * Triggers whose items contain the start time or a unique ID. Two starts by another trigger may have equal items: a
 * webhook with the same body, or a sub-workflow with the same row.
 */
const uniqueStarts: ReadonlySet<string> = new Set([
  'n8n-nodes-base.scheduleTrigger',
  'n8n-nodes-base.formTrigger',
  'n8n-nodes-dograh.dograhTrigger',
  'n8n-nodes-dograh.dograhPollingTrigger',
]);

/** @returns undefined without items of a trigger, as in the tool of an AI agent. */
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
