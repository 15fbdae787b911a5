/** What a provider may use of the server. */
import { applyReports } from '../runs/status';
import type { Services } from '../services';
import type { ProviderHost } from './provider';

export function providerHost(services: Services): ProviderHost {
  return {
    clock: services.clock,
    log: services.log,
    sandboxStepMilliseconds: services.config.sandboxStepMilliseconds,
    report: (runId, reports) =>
      services.storage.write((session) => applyReports(services, session, runId, reports)),
  };
}
