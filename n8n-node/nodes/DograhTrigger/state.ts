/** What the trigger keeps between deliveries, in the workflow's static data. */
import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

export interface TriggerState {
  /** The subscription, and what its events are signed with; absent on a server without subscriptions. */
  subscription?: { id: number; secret: string; secretReadAt: number };
  /** The agent whose calls are wanted; absent for all agents. */
  agentId?: number;
  /** Ids of the deliveries that started the workflow, the oldest first. */
  deliveryIds?: string[];
}

export function stateOf(context: IHookFunctions | IWebhookFunctions): TriggerState {
  return context.getWorkflowStaticData('node');
}

/** A sender repeats a delivery within a day; so many calls end between two tries only at a very busy site. */
const rememberedDeliveries = 1000;

export function remembers(state: TriggerState, deliveryId: string): boolean {
  return state.deliveryIds?.includes(deliveryId) ?? false;
}

export function remember(state: TriggerState, deliveryId: string): void {
  // Set anew: n8n saves static data when a property of it is set.
  state.deliveryIds = [...(state.deliveryIds ?? []), deliveryId].slice(-rememberedDeliveries);
}

export function forget(state: TriggerState, deliveryId: string): void {
  state.deliveryIds = (state.deliveryIds ?? []).filter((id) => id !== deliveryId);
}
