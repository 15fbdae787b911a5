/** The one bag of dependencies that every feature is given. */
import type { Logger } from 'pino';
import type { ArtifactStore } from './artifacts/artifact-files';
import type { Alarm } from './alarm';
import type { Chance, Clock } from './clock';
import type { Config } from './config';
import type { Metrics } from './metrics';
import type { Secrets } from './secrets';
import type { Storage, WriteSession } from './storage/port';
import type { CallReports } from './carriers/port/call';
import type { CarrierConnections } from './carriers/open-connections';
import type { CarrierHttpClient } from './egress/client';
import type { ThisProcess } from './workers/this-process';

/** Why no new call is accepted. */
export interface Lifecycle {
  /** The server has been told to stop. */
  draining: boolean;
  /** The database was found damaged: whether a key was used, or a call placed, can no longer be relied on. */
  damage: Error | null;
}

export interface Services {
  readonly config: Config;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Encrypts what is kept at rest and signs session tokens. */
  readonly secrets: Secrets;
  readonly thisProcess: ThisProcess;
  /** Rings when a follow-up that this process has written becomes due. */
  readonly followUpAlarm: Alarm;
  /** Lasting connections to carriers that report by events. */
  readonly connections: CarrierConnections;
  /** The only way to a carrier. */
  readonly carrier: CarrierHttpClient;
  /** Where a provider's reports go; what they mean is decided above telephony. */
  readonly callReports: (providerName: string) => CallReports;
  /**
   * For the transaction in which the files of a run are there or given up, once it holds the run's lock: what follows is
   * decided above artifacts.
   */
  readonly artifactsReady: (session: WriteSession, runId: number) => Promise<void>;
  /** Where recordings are kept. */
  readonly artifacts: ArtifactStore;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Lifecycle;
}
