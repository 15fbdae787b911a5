/** The trigger client of one item: its server from the credential, its waiting cut short when the run is. */
import { TriggerClient } from '@dograh-trigger/shared';
import { sleep } from 'n8n-workflow';
import { n8nTransport, type RequestContext } from './transport';

/** The longest an execution that was stopped keeps waiting. */
const sliceMilliseconds = 1000;

/**
 * @param dialTimeoutSeconds how long to wait for the answer to a trigger; the client's default when left out.
 * @throws TriggerError `invalid_input` when the credential's Base URL is not a URL.
 */
export async function createClient(
  context: RequestContext,
  dialTimeoutSeconds?: number,
): Promise<TriggerClient> {
  const { baseUrl } = await context.getCredentials<{ baseUrl: string }>('dograhApi');
  return new TriggerClient(n8nTransport(context), { baseUrl, sleep: sleepInSlices, dialTimeoutSeconds });
}

/**
 * Waits in slices: n8n's `sleep` ignores a signal before n8n 2.36, and no other timer is open to a community
 * node. Ends early, without throwing, once the signal is aborted; the client looks at the signal itself.
 */
async function sleepInSlices(milliseconds: number, signal?: AbortSignal): Promise<void> {
  for (let left = milliseconds; left > 0 && !signal?.aborted; left -= sliceMilliseconds) {
    await sleep(Math.min(sliceMilliseconds, left));
  }
}
