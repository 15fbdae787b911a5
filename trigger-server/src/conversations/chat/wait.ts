/** Waits for a turn of a text chat that another request computes, perhaps in another process. It writes nothing. */
import type { Services } from '../../services';
import { claimMilliseconds, isClaimed } from './claim';
import { claimQuery } from './store';

/** How often it is asked: less and less often. */
const pauses = { first: 200, most: 1000 };

/** @param claim of who computes it. @returns false if it has not come to an end in the time that a turn may take. */
export async function turnEnds(
  services: Pick<Services, 'storage' | 'clock' | 'thisProcess'>,
  runId: number,
  claim: string,
): Promise<boolean> {
  const { storage, clock } = services;
  const begun = clock.steady().getTime();
  let pause = pauses.first;
  while (clock.steady().getTime() - begun < claimMilliseconds) {
    await new Promise<void>((resolve) => {
      clock.after(pause, resolve);
    });
    pause = Math.min(2 * pause, pauses.most);
    const row = await claimQuery.first(storage.read, { runId });
    if (row?.claim !== claim || !(await isClaimed(services, storage.read, row))) return true;
  }
  return false;
}
