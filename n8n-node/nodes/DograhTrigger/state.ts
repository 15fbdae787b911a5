/** The state of the trigger between deliveries, in the workflow's static data. */
import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

export interface TriggerState {
  /** The subscription and its signing secret; absent on a server without subscriptions. */
  subscription?: { id: number; secret: string; secretReadAt: number };
  /** The agent to filter by; absent for all agents. */
  agentId?: number;
  /** Ids of the received deliveries, oldest first, as far as n8n has saved them. */
  deliveries?: string[];
}

export function stateOf(context: IHookFunctions | IWebhookFunctions): TriggerState {
  return context.getWorkflowStaticData('node');
}

/** A sender repeats a delivery within a day. Only very busy sites have more calls than this between two tries. */
const rememberedDeliveries = 1000;

/**
 * The same ids in memory, by workflow and node. n8n 2.41 saves static data after a delivery only if the delivery
 * does not start the workflow. Such a delivery then saves all ids of this process, for the time after a restart.
 */
const inMemory = new Map<string, string[]>();

export function remembers(context: IWebhookFunctions, deliveryId: string): boolean {
  return knownDeliveries(context).includes(deliveryId);
}

export function remember(context: IWebhookFunctions, deliveryId: string): void {
  keep(context, [...knownDeliveries(context), deliveryId]);
}

export function forget(context: IWebhookFunctions, deliveryId: string): void {
  keep(
    context,
    knownDeliveries(context).filter((id) => id !== deliveryId),
  );
}

/**
 * Copies the ids in memory to static data. Called when n8n saves it: after a delivery that does not start the
 * workflow, and at a deactivation.
 */
export function saveDeliveries(context: IHookFunctions | IWebhookFunctions): void {
  keep(context, knownDeliveries(context));
}

function knownDeliveries(context: IHookFunctions | IWebhookFunctions): string[] {
  const saved = stateOf(context).deliveries ?? [];
  return [...new Set([...saved, ...(inMemory.get(ownerOf(context)) ?? [])])];
}

function keep(context: IHookFunctions | IWebhookFunctions, deliveryIds: string[]): void {
  const newest = deliveryIds.slice(-rememberedDeliveries);
  inMemory.set(ownerOf(context), newest);
  stateOf(context).deliveries = newest;
}

function ownerOf(context: IHookFunctions | IWebhookFunctions): string {
  return `${context.getWorkflow().id ?? ''}/${context.getNode().id}`;
}
