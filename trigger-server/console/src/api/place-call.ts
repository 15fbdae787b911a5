/**
 * Places a call from the console. Import it lazily: the trigger client brings the contracts and the numbering plans of all
 * countries.
 */
import { isTriggerError, TriggerClient, type CallRequest, type PlacedCall } from '@dograh-trigger/shared';
import { sessionTransport } from './transport';

/**
 * @param call its idempotency key names this call: the same key never dials twice.
 * @throws TriggerError
 */
export function placeCall(call: CallRequest & { idempotencyKey: string }): Promise<PlacedCall> {
  const client = new TriggerClient(sessionTransport, {
    baseUrl: window.location.origin,
    // The page came the same way.
    allowInsecure: true,
    sleep: (milliseconds) => new Promise((resolve) => window.setTimeout(resolve, milliseconds)),
  });
  return client.triggerCall(call);
}

/** Whether another try needs its own key: nothing was dialled, and the server would repeat its refusal to the old key. */
export function needsNewKey(failure: unknown): boolean {
  return isTriggerError(failure) && failure.nothingDialled;
}
