/** The trigger client of one run of a node: its server from the credential, its waiting cut short when the run is. */
import { TriggerClient } from '@dograh-trigger/shared';
import { readCredential } from './credential';
import { sleepInSlices } from './sleep';
import { n8nTransport, type RequestContext } from './transport';

/**
 * @param dialTimeoutSeconds how long to wait for the answer to a trigger; the client's default when left out.
 * @throws TriggerError `invalid_input` when the credential's Base URL is none, or would
 *   send the key in the clear.
 */
export async function createClient(
  context: RequestContext,
  dialTimeoutSeconds?: number,
): Promise<TriggerClient> {
  const { baseUrl, ignoreSslIssues, allowInsecure } = await readCredential(context);
  const transport = n8nTransport(context, { ignoreSslIssues });
  return new TriggerClient(transport, {
    baseUrl,
    allowInsecure,
    sleep: sleepInSlices,
    dialTimeoutSeconds,
  });
}
