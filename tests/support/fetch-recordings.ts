import { beginDueRecordings } from '../../trigger-server/src/artifacts/recordings';
import type { Services } from '../../trigger-server/src/services';

/** One round: fetches the recordings that are due, and resolves when each attempt has come to its end. */
export async function fetchDueRecordings(services: Services): Promise<void> {
  const underWay = new Map<number, Promise<void>>();
  await beginDueRecordings(services, underWay);
  await Promise.all(underWay.values());
}
