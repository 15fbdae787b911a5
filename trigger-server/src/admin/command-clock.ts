/** The clock of a command, by which it stores instants like a server of the same database. */
import { createSystemClock, type Clock } from '../clock';
import { openDatabaseClock } from '../database-clock';
import { readClocks, readJumped } from '../jumps';
import type { Storage } from '../storage/port';

export async function openCommandClock(storage: Storage): Promise<Clock> {
  const { sum } = await readJumped(storage.read, readClocks());
  return (await openDatabaseClock(storage)) ?? createSystemClock(sum, () => undefined);
}
