/** Takes up the calls that were under way when the server stopped. None of them is dialled again. */
import { recoverRuns } from '../runs/unfinished-runs';
import { endAsRefused } from './run-course';
import type { Services } from '../services';
import { carrierTools, type CarrierServices } from '../telephony/tools';
import type { UnfinishedCall } from '../carriers/port/call';
import { findProvider } from '../carriers/registry';

export async function resumeCalls(services: CarrierServices & Pick<Services, 'chance'>): Promise<void> {
  const unfinished = await recoverRuns(services);
  for (const mode of new Set(unfinished.map((run) => run.mode))) {
    const calls = unfinished
      .filter((run) => run.mode === mode)
      .map((run) => ({ runId: run.id, status: run.status, calledNumber: run.called_number }));
    services.log.info({ mode, calls: calls.length }, 'taking up calls that were under way');
    const provider = findProvider(mode);
    if (provider === undefined) await endAll(services, mode, calls);
    else provider.resume?.(calls, carrierTools(services, mode, null), services.callReports(mode));
  }
}

/** Nobody will ever report on these: without an end they would keep their slots for ever. */
async function endAll(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'log'>,
  mode: string,
  calls: readonly UnfinishedCall[],
): Promise<void> {
  services.log.warn(
    { mode, calls: calls.length },
    'this build lacks their telephony provider: the calls are ended',
  );
  await services.storage.write(async (session) => {
    for (const { runId } of calls) {
      await endAsRefused(services, session, runId, `Provider '${mode}' is unavailable.`);
    }
  });
}
