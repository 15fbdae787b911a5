/** Which deliveries are shown: the address and the filter are the same thing. */
import type { DeliverySource, DeliveryStatus } from '@dograh-trigger/shared';
import { deliveryWords } from '../../ui/delivery-words';

export interface DeliveryFilter {
  status: DeliveryStatus | undefined;
  /** Only the events of this call. */
  runId: number | undefined;
  /** From 1. */
  page: number;
}

export const sourceWords: Record<DeliverySource, string> = {
  hook: 'Subscription',
  callback_url: 'Callback URL of the call',
  webhook_node: 'Webhook node of the agent',
};

/** @param search the address after `?`. What it does not hold, or holds wrongly, is no filter. */
export function readFilter(search: string): DeliveryFilter {
  const parameters = new URLSearchParams(search);
  return {
    status: readStatus(parameters.get('status')),
    runId: readCount(parameters.get('run')),
    page: readCount(parameters.get('page')) ?? 1,
  };
}

/** @returns the address after `?`; empty without a filter. */
export function writeFilter({ status, runId, page }: DeliveryFilter): string {
  const parameters = new URLSearchParams();
  if (status !== undefined) parameters.set('status', status);
  if (runId !== undefined) parameters.set('run', String(runId));
  if (page > 1) parameters.set('page', String(page));
  return parameters.toString();
}

export function deliveriesPath(filter: DeliveryFilter): string {
  const search = writeFilter(filter);
  return `/events/deliveries${search === '' ? '' : `?${search}`}`;
}

export function readStatus(text: string | null): DeliveryStatus | undefined {
  return (Object.keys(deliveryWords) as DeliveryStatus[]).find((status) => status === text);
}

function readCount(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
