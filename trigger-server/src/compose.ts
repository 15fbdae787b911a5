/** Creates the services, for the process and for each server that a test starts. */
import { Alarm } from './alarm';
import { Background } from './background';
import { openArtifactBucket } from './artifacts/bucket';
import { openArtifactFolder } from './artifacts/folder';
import { callReports } from './calls/carrier/reports';
import { artifactsReady } from './calls/run-course';
import { hasModel, modelFault, modelFor } from './conversations/model/model-for';
import { systemChance } from './clock';
import type { Config } from './config';
import { showDatabase } from './database-metrics';
import { TurnPlaces } from './conversations/talk/turn-places';
import { namedTools } from './conversations/tools/tools';
import { createMetrics } from './metrics';
import { OwnDials } from './own-dials';
import type { Services } from './services';
import { createAddressGuard } from './egress/address-guard';
import { createConnections } from './carriers/open-connections';
import { createCarrierHttp } from './egress/client';
import { LeasedConnections } from './telephony/connections';

/** The services that the caller must create, and those that a test replaces. */
export type Parts = Pick<Services, 'storage' | 'clock' | 'secrets' | 'log'> & Partial<Services>;

/** The caller must close `parts.storage`, and the connections and the HTTP client of the result. */
export function createServices(config: Config, parts: Parts): Services {
  const services: Services = {
    config,
    chance: systemChance,
    thisProcess: { id: systemChance.uuid(), isAlone: false },
    ownDials: new OwnDials(),
    followUpAlarm: new Alarm(parts.clock, 'follow-ups', parts.storage.wake),
    followingAlarm: new Alarm(parts.clock, 'following', parts.storage.wake),
    queueAlarm: new Alarm(parts.clock, 'queue', parts.storage.wake),
    deliveryAlarm: new Alarm(parts.clock, 'deliveries', parts.storage.wake),
    connections: createConnections(),
    get connectionKeeper() {
      return keeper;
    },
    carrier:
      parts.carrier ??
      createCarrierHttp({
        addressGuard: createAddressGuard(config.allowedPrivateTargets),
        clock: parts.clock,
      }),
    artifacts:
      config.artifactsBucket === null
        ? openArtifactFolder(config.artifactsFolder)
        : openArtifactBucket(config.artifactsBucket),
    background: new Background(parts.log),
    lifecycle: { draining: false, damage: null },
    turnPlaces: new TurnPlaces(),
    metrics: createMetrics(),
    languageModel: (organizationId, settings) => modelFor(services, organizationId, settings),
    hasModel: (session, organizationId) => hasModel(services, session, organizationId),
    modelFault: (session, organizationId, settings) =>
      modelFault(services, session, organizationId, settings),
    callReports: (providerName) => callReports(services, providerName),
    namedTools,
    artifactsReady: (session, runId) => artifactsReady(services, session, runId),
    ...parts,
  };
  showDatabase(services);
  const keeper = new LeasedConnections(services);
  return services;
}
