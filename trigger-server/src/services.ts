/** The one bag of dependencies that every feature is given. */
import type { Logger } from 'pino';
import type { Chance, Clock } from './clock';
import type { Config } from './config';
import type { Secrets } from './secrets';
import type { Storage } from './storage/storage';

export interface Services {
  config: Config;
  storage: Storage;
  clock: Clock;
  chance: Chance;
  /** Encrypts what is kept at rest and signs session tokens. */
  secrets: Secrets;
  log: Logger;
  /** Set once the server has been told to stop: then no new call is accepted. */
  lifecycle: { draining: boolean };
}
