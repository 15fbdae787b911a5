/** The one place where the bag of dependencies is made: for the process, and for each server that a test starts. */
import { Alarm } from './alarm';
import { openArtifactFolder } from './artifacts/folder';
import { callReports } from './calls/carrier/reports';
import { artifactsReady } from './calls/run-course';
import { systemChance } from './clock';
import type { Config } from './config';
import { createMetrics } from './metrics';
import type { Services } from './services';
import { createAddressGuard } from './egress/address-guard';
import { createConnections } from './carriers/open-connections';
import { createCarrierHttp } from './egress/client';

/** What only the caller can make, and in the place of what else a test has something of its own. */
export type Parts = Pick<Services, 'storage' | 'clock' | 'secrets' | 'log'> & Partial<Services>;

/** @param parts must be closed by the caller: the storage, and the connections and the HTTP client of the result. */
export function createServices(config: Config, parts: Parts): Services {
  const services: Services = {
    config,
    chance: systemChance,
    thisProcess: { id: systemChance.uuid(), isAlone: false },
    followUpAlarm: new Alarm(parts.clock),
    connections: createConnections(),
    carrier:
      parts.carrier ??
      createCarrierHttp({
        addressGuard: createAddressGuard(config.allowedPrivateTargets),
        clock: parts.clock,
      }),
    artifacts: openArtifactFolder(config.artifactsFolder),
    lifecycle: { draining: false, damage: null },
    metrics: createMetrics(),
    callReports: (providerName) => callReports(services, providerName),
    artifactsReady: (session, runId) => artifactsReady(services, session, runId),
    ...parts,
  };
  return services;
}
