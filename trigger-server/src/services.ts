/** The dependencies of all features. A function takes only those that it uses. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { Logger } from 'pino';
import type { NamedTools } from './agents/definition/named-tools';
import type { ArtifactStore } from './artifacts/artifact-files';
import type { Alarm } from './alarm';
import type { Background } from './background';
import type { Chance, Clock } from './clock';
import type { Config } from './config';
import type { Metrics } from './metrics';
import type { OwnDials } from './own-dials';
import type { Secrets } from './secrets';
import type { Session, Storage, WriteSession } from './storage/port';
import type { CallReports } from './carriers/port/call';
import type { CarrierConnections, ConnectionKeeper } from './carriers/open-connections';
import type { ChosenModel } from './conversations/model/chosen-model';
import type { TurnPlaces } from './conversations/talk/turn-places';
import type { CarrierHttpClient } from './egress/client';
import type { ThisProcess } from './workers/this-process';

/** Why no new call is accepted. */
export interface Lifecycle {
  /** Whether the server is stopping. */
  draining: boolean;
  /**
   * Set when the database was found damaged: then it no longer reliably shows whether a key was used or a call placed.
   */
  damage: Error | null;
}

export interface Services {
  readonly config: Config;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Encrypts stored secrets, and holds the signing keys. */
  readonly secrets: Secrets;
  readonly thisProcess: ThisProcess;
  readonly ownDials: OwnDials;
  /** Rings when a follow-up that a process of the database has written becomes due. */
  readonly followUpAlarm: Alarm;
  /** Rings when a process of the database has placed a call that another server holds. */
  readonly followingAlarm: Alarm;
  /** Rings when a queued call becomes due, or a slot for it becomes free. */
  readonly queueAlarm: Alarm;
  /** Rings when a process of the database has written an event that is due. */
  readonly deliveryAlarm: Alarm;
  /** Persistent connections to carriers that report by events. */
  readonly connections: CarrierConnections;
  /** Opens and closes them. Implemented by a folder above carriers. */
  readonly connectionKeeper: ConnectionKeeper;
  /** All requests to carriers go through it. */
  readonly carrier: CarrierHttpClient;
  /** Receives a provider's reports. Implemented by a folder above telephony. */
  readonly callReports: (providerName: string) => CallReports;
  /**
   * Called in the transaction in which a run's files are ready or given up, once it holds the run's lock. Implemented by
   * a folder above artifacts.
   */
  readonly artifactsReady: (session: WriteSession, runId: number) => Promise<void>;
  /**
   * The language model of a conversation; null where none is configured.
   * @param settings `workflow_configurations` of its agent. @throws ModelFailure for a choice that cannot be used; Problem
   * unavailable for a configuration that does not open.
   */
  readonly languageModel: (organizationId: number, settings: JsonObject) => Promise<ChosenModel | null>;
  /** Whether an organization's conversations have a language model. Implemented by a folder above agents. */
  readonly hasModel: (session: Session, organizationId: number) => Promise<boolean>;
  /** Why the model that an agent chooses cannot be used; null: it can, or it chooses none. Implemented as `hasModel`. */
  readonly modelFault: (
    session: Session,
    organizationId: number,
    settings: JsonObject,
  ) => Promise<string | null>;
  /** The turns of conversations under way in this process: in calls and in text chats. */
  readonly turnPlaces: TurnPlaces;
  /** The names of an organization's tools. Implemented by a folder above agents. */
  readonly namedTools: (session: Session, organizationId: number) => Promise<NamedTools>;
  /** The store of recordings. */
  readonly artifacts: ArtifactStore;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** What goes on beside the calls. It must have ended before `storage` is closed. */
  readonly background: Background;
  readonly lifecycle: Lifecycle;
}
