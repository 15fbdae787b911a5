/** What a provider may use of the server. */
import { noteRecording } from '../artifacts/awaited';
import { findRun } from '../runs/runs';
import { applyReports } from '../runs/status';
import { listUnfinishedRuns } from '../runs/unfinished-runs';
import type { Services } from '../services';
import { answeredCallOf } from './answering';
import type { ProviderHost } from './provider';

/** What the host of a provider is made of: whoever speaks to a carrier on an account's behalf needs it all. */
export type HostServices = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'carrier' | 'log'
>;

/**
 * @param providerName whose `<VENDOR>_API_BASE_URL` holds.
 * @param organizationId on whose behalf; null: of several.
 */
export function providerHost(
  services: HostServices,
  providerName: string,
  organizationId: number | null,
): ProviderHost {
  const { storage, config } = services;
  return {
    clock: services.clock,
    log: services.log,
    http: (request) => services.carrier.send(request, organizationId),
    download: services.carrier.download,
    sandboxStepMilliseconds: config.sandboxStepMilliseconds,
    ttsCommand: config.ttsCommand,
    apiUrl(url) {
      const base = config.carrierBaseUrls.get(providerName);
      if (base === undefined) return url;
      const { pathname, search } = new URL(url);
      return `${base}${pathname}${search}`;
    },
    guardedDispatcher: services.carrier.guardedDispatcher,
    async unfinishedCalls(configurationId) {
      const runs = await listUnfinishedRuns(storage.read);
      return runs
        .filter((run) => run.mode === providerName && run.telephony_configuration_id === configurationId)
        .map((run) => ({ runId: run.id, status: run.status, calledNumber: run.called_number }));
    },
    report: (runId, reports) => storage.write((session) => applyReports(services, session, runId, reports)),
    recorded: (runId, { url }) =>
      storage.write(async (session) => {
        const run = await findRun(session, runId);
        if (run?.mode === providerName) await noteRecording(services, session, run, url);
      }),
    async answeredCall(runId) {
      const run = await findRun(storage.read, runId);
      return run?.mode === providerName ? answeredCallOf(services, storage.read, run) : null;
    },
  };
}
