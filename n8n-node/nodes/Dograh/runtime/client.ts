/** The trigger clients of one run of a node: the server of each from the credential, its waiting cut short when the run is. */
import { TriggerClient } from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';
import { readCredential, type DograhCredential } from './credential';
import { sleepInSlices } from './sleep';
import { n8nTransport, type RequestContext } from './transport';

export interface ClientChoice {
  /** The item for which expressions in the credential are evaluated. */
  itemIndex?: number;
  /** How long to wait for the answer to a trigger; the client's default when left out. */
  dialTimeoutSeconds?: number;
}

/**
 * @throws TriggerError `invalid_input` when the credential's Base URL is none, or would
 *   send the key in the clear.
 */
export async function createClient(
  context: RequestContext,
  { itemIndex, dialTimeoutSeconds }: ClientChoice = {},
): Promise<TriggerClient> {
  return clientOf(context, await readCredential(context, itemIndex), dialTimeoutSeconds);
}

function clientOf(
  context: RequestContext,
  { baseUrl, ignoreSslIssues, allowInsecure, saved }: DograhCredential,
  dialTimeoutSeconds?: number,
): TriggerClient {
  const transport = n8nTransport(context, { ignoreSslIssues, credential: saved });
  return new TriggerClient(transport, {
    baseUrl,
    allowInsecure,
    sleep: sleepInSlices,
    dialTimeoutSeconds,
  });
}

/** Gives the client of an item; items with the same credential have the same one, which asks once what the server can do. */
export function clientsOfItems(context: IExecuteFunctions): (choice: ClientChoice) => Promise<TriggerClient> {
  const clients = new Map<string, TriggerClient>();
  return async ({ itemIndex, dialTimeoutSeconds }) => {
    const credential = await readCredential(context, itemIndex);
    const name = JSON.stringify([credential.saved, dialTimeoutSeconds]);
    const client = clients.get(name) ?? clientOf(context, credential, dialTimeoutSeconds);
    clients.set(name, client);
    return client;
  };
}
