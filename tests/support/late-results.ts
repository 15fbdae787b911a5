import { LateReader } from '../../trigger-server/src/calls/following/late-worker';
import type { Services } from '../../trigger-server/src/services';

/** Reads what is due, to its end. */
export async function readLateResults(services: Services): Promise<void> {
  const reader = new LateReader(services);
  await reader.beginDue();
  await reader.ended();
}
