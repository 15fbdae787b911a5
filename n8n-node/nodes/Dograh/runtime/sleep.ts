/** Waiting, as a community node may. */
import { sleep } from 'n8n-workflow';

/** The longest an execution that was stopped keeps waiting. */
const sliceMilliseconds = 1000;

/**
 * Waits in slices: n8n's `sleep` ignores a signal before n8n 2.36, and no other timer is open to a community
 * node. Ends early, without throwing, once the signal is aborted; the caller looks at the signal itself.
 */
export async function sleepInSlices(milliseconds: number, signal?: AbortSignal): Promise<void> {
  for (let left = milliseconds; left > 0 && !signal?.aborted; left -= sliceMilliseconds) {
    await sleep(Math.min(sliceMilliseconds, left));
  }
}
