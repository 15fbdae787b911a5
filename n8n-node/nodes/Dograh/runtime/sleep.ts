/** Waits with the only timer that n8n allows in a community node. */
import { sleep } from 'n8n-workflow';

/** Maximum time that a stopped execution keeps waiting. */
const sliceMilliseconds = 1000;

/**
 * Waits in slices, because n8n's `sleep` ignores a signal before n8n 2.36. Ends early once the signal is aborted,
 * without throwing: the caller checks the signal.
 */
export async function sleepInSlices(milliseconds: number, signal?: AbortSignal): Promise<void> {
  for (let left = milliseconds; left > 0 && !signal?.aborted; left -= sliceMilliseconds) {
    await sleep(Math.min(sliceMilliseconds, left));
  }
}
