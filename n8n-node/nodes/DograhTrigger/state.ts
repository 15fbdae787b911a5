/** What the trigger keeps between deliveries, in the workflow's static data. */
import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

export interface TriggerState {
  /** The subscription, and what its events are signed with; absent on a server without subscriptions. */
  subscription?: { id: number; secret: string; secretReadAt: number };
  /** The agent whose calls are wanted; absent for all agents. */
  agentId?: number;
  /** Ids of the deliveries that were taken, the oldest first, as far as n8n has saved them. */
  deliveries?: string[];
}

export function stateOf(context: IHookFunctions | IWebhookFunctions): TriggerState {
  return context.getWorkflowStaticData('node');
}

/** A sender repeats a delivery within a day; so many calls end between two tries only at a very busy site. */
const rememberedDeliveries = 1000;

/**
 * The same ids in memory, by workflow and node. n8n 2.41 saves what a delivery writes to static data only when the
 * delivery does not start the workflow: then all that this process knows is saved with it, for after a restart.
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

/** Puts what is only in memory where n8n saves it: with a delivery that starts nothing, and at a deactivation. */
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
