/** Lets the calls end whose carrier reports through a connection of this process, before the process ends. */
import { describeError } from '../../describe-error';
import { listUnfinishedRuns } from '../../runs/unfinished-runs';
import type { Services } from '../../services';

type Needs = Pick<Services, 'storage' | 'clock' | 'log' | 'connections'>;

const roundMilliseconds = 200;

/**
 * Resolves when no such call is under way. Without its connection, a callee who answers is hung up on at once, and one
 * who listens is not hung up on after the announcement.
 * @param milliseconds the longest wait.
 */
export async function connectedCallsEnded(services: Needs, milliseconds: number): Promise<void> {
  const { clock, log, connections } = services;
  const deadline = clock.steady().getTime() + milliseconds;
  try {
    while (connections.isAnyUsable()) {
      // First, so that a request which was admitted just before has recorded its call.
      await new Promise<void>((resolve) => clock.after(roundMilliseconds, resolve));
      if (!(await isAnyUnderWay(services))) return;
      if (clock.steady().getTime() >= deadline) {
        log.warn('calls are still under way; the next start follows them up');
        return;
      }
    }
  } catch (error) {
    log.error({ error: describeError(error) }, 'calls under way could not be read, and are not waited for');
  }
}

async function isAnyUnderWay({ connections, storage }: Needs): Promise<boolean> {
  const unfinished = await listUnfinishedRuns(storage.read);
  return unfinished.some(({ telephony_configuration_id: id }) => connections.of(id)?.fault() === null);
}
