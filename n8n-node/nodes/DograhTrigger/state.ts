/** What the trigger keeps between deliveries: in the workflow's static data, but for the deliveries themselves. */
import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

export interface TriggerState {
  /** The subscription, and what its events are signed with; absent on a server without subscriptions. */
  subscription?: { id: number; secret: string; secretReadAt: number };
  /** The agent whose calls are wanted; absent for all agents. */
  agentId?: number;
}

export function stateOf(context: IHookFunctions | IWebhookFunctions): TriggerState {
  return context.getWorkflowStaticData('node');
}

/** A sender repeats a delivery within a day; so many calls end between two tries only at a very busy site. */
const rememberedDeliveries = 1000;

/**
 * Ids of the deliveries that each workflow was started for, the oldest first. In memory, because n8n 2.41 loses what a
 * delivery writes to static data when it starts the workflow.
 */
const deliveries = new Map<string, string[]>();

export function remembers(context: IWebhookFunctions, deliveryId: string): boolean {
  return deliveries.get(ownerOf(context))?.includes(deliveryId) ?? false;
}

export function remember(context: IWebhookFunctions, deliveryId: string): void {
  const owner = ownerOf(context);
  deliveries.set(owner, [...(deliveries.get(owner) ?? []), deliveryId].slice(-rememberedDeliveries));
}

export function forget(context: IWebhookFunctions, deliveryId: string): void {
  const owner = ownerOf(context);
  deliveries.set(
    owner,
    (deliveries.get(owner) ?? []).filter((id) => id !== deliveryId),
  );
}

/** Nothing is remembered of a workflow that is not active. */
export function forgetAll(context: IHookFunctions): void {
  deliveries.delete(ownerOf(context));
}

function ownerOf(context: IHookFunctions | IWebhookFunctions): string {
  return `${context.getWorkflow().id ?? ''}/${context.getNode().id}`;
}
