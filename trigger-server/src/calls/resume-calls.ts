/** Takes up the calls that were under way when the server stopped. None of them is dialled again. */
import { recoverRuns } from '../runs/runs';
import type { Services } from '../services';
import { providerHost } from '../telephony/host';
import { findProvider } from '../telephony/registry';

export async function resumeCalls(services: Services): Promise<void> {
  const unfinished = await recoverRuns(services);
  const host = providerHost(services);
  for (const mode of new Set(unfinished.map((run) => run.mode))) {
    const calls = unfinished
      .filter((run) => run.mode === mode)
      .map((run) => ({ runId: run.id, status: run.status, calledNumber: run.called_number }));
    services.log.info({ mode, calls: calls.length }, 'taking up calls that were under way');
    findProvider(mode)?.resume?.(calls, host);
  }
}
