/** What a carrier says about a call, handed to the call's course. */
import { noteRecording } from '../../artifacts/awaited';
import type { CallReports } from '../../carriers/port/call';
import { findRun } from '../../runs/runs';
import { applyReports } from '../run-course';
import { listUnfinishedRuns } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import { answeredCallOf } from './answering';

/** @param providerName whose calls these are: what it says of another provider's is not heard. */
export function callReports(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'log'>,
  providerName: string,
): CallReports {
  const { storage } = services;
  return {
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
    async unfinishedCalls(configurationId) {
      const runs = await listUnfinishedRuns(storage.read);
      return runs
        .filter((run) => run.mode === providerName && run.telephony_configuration_id === configurationId)
        .map((run) => ({ runId: run.id, status: run.status, calledNumber: run.called_number }));
    },
  };
}
