/**
 * Places a call with the trigger client, as n8n and Zapier do: it repeats a request whose answer was lost, and never rings
 * twice.
 */
import type { CallRequest, PlacedCall } from '@dograh-trigger/shared';

/** @throws TriggerError */
export async function placeCall(call: CallRequest): Promise<PlacedCall> {
  // First, and apart: a bundle may run it after the schemas of the client.
  await import('./without-eval');
  const { placeWithClient } = await import('./trigger-client');
  return placeWithClient(call);
}
