/** Lets the calls end whose carrier reports through a connection of this process, before the process ends. */
import { describeError } from '../../describe-error';
import { listUnfinishedRuns, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';

type Needs = Pick<Services, 'storage' | 'clock' | 'log' | 'connections'>;

const roundMilliseconds = 200;
/** How long the cancelled calls may take to end, in milliseconds. */
export const cancelMilliseconds = 2000;

const serverStopped = 'The server was stopped while the phone rang.';

/**
 * Resolves when no such call is under way. Without its connection, a callee who answers is hung up on at once, and one
 * who listens is not hung up on after the announcement. So calls that still ring at the limit are cancelled.
 * @param milliseconds the longest wait; `cancelMilliseconds` more if calls are cancelled.
 */
export async function connectedCallsEnded(services: Needs, milliseconds: number): Promise<void> {
  const { log, connections } = services;
  try {
    if (await haveEnded(services, milliseconds, () => true)) return;
    connections.endRinging(serverStopped);
    await haveEnded(services, cancelMilliseconds, ({ status }) => status !== 'answered');
    if (await isAnyUnderWay(services, () => true)) {
      log.warn('calls are still under way; the next start follows them up');
    }
  } catch (error) {
    log.error({ error: describeError(error) }, 'calls under way could not be read, and are not waited for');
  }
}

/** @returns whether none of these calls is under way any more; false when the time is over. */
async function haveEnded(
  services: Needs,
  milliseconds: number,
  isMeant: (run: UnfinishedRun) => boolean,
): Promise<boolean> {
  const { clock, connections } = services;
  const deadline = clock.steady().getTime() + milliseconds;
  while (connections.isAnyUsable()) {
    // First, so that a request which was admitted just before has recorded its call.
    await new Promise<void>((resolve) => clock.after(roundMilliseconds, resolve));
    if (!(await isAnyUnderWay(services, isMeant))) return true;
    if (clock.steady().getTime() >= deadline) return false;
  }
  return true;
}

async function isAnyUnderWay(
  { connections, storage }: Needs,
  isMeant: (run: UnfinishedRun) => boolean,
): Promise<boolean> {
  const unfinished = await listUnfinishedRuns(storage.read);
  return unfinished
    .filter(isMeant)
    .some(({ telephony_configuration_id: id }) => connections.of(id)?.fault() === null);
}
