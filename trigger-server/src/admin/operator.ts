/** What the commands share that work on a database beside a running server. */
import type { Clock } from '../clock';
import type { Config } from '../config';
import { openDatabase } from '../storage/open';
import type { Storage } from '../storage/port';
import { openCommandClock } from './command-clock';

/** Opens the database of the configuration with a clock that agrees with the server's, and closes it after `work`. */
export async function withDatabase<Result>(
  config: Config,
  work: (services: { storage: Storage; clock: Clock }) => Promise<Result>,
): Promise<Result> {
  const storage = await openDatabase(config.database, { migrate: false });
  try {
    return await work({ storage, clock: await openCommandClock(storage) });
  } finally {
    await storage.close();
  }
}
