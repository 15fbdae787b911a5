/** Creates trigger clients from the credential of a node. */
import { sha256Hex, TriggerClient } from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';
import { readCredential, type DograhCredential } from './credential';
import { sleepInSlices } from './sleep';
import { n8nTransport, type RequestContext } from './transport';

export interface ClientChoice {
  /** The item for which expressions in the credential are evaluated. */
  itemIndex?: number;
  /** How long to wait for the answer to a trigger (default: the client's). */
  dialTimeoutSeconds?: number;
}

/**
 * @throws TriggerError `invalid_input` when the credential's Base URL is invalid, or would send the key unencrypted
 *   to a public address.
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

export interface ItemClient {
  client: TriggerClient;
  /** Identifies server and key by a hash, which does not reveal the key. */
  account: string;
}

/**
 * Returns a function that creates the client of an item. Items with the same credential share a client, which reads
 * the server's capabilities once.
 */
export function clientsOfItems(context: IExecuteFunctions): (choice: ClientChoice) => Promise<ItemClient> {
  const clients = new Map<string, ItemClient>();
  return async ({ itemIndex, dialTimeoutSeconds }) => {
    const credential = await readCredential(context, itemIndex);
    const name = JSON.stringify([credential.saved, dialTimeoutSeconds]);
    const known = clients.get(name);
    if (known) return known;
    const client = clientOf(context, credential, dialTimeoutSeconds);
    const account = sha256Hex(JSON.stringify([client.baseUrl, credential.saved.apiKey ?? '']));
    const made = { client, account };
    clients.set(name, made);
    return made;
  };
}
