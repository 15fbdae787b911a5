/** What a provider may use of the server. */
import { greetingFor } from '../agents/greeting';
import { readContext, recordSpeech } from '../runs/runs';
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
    announce: async (runId) => {
      const { definitionId, context } = await readContext(services, runId);
      const greeting = await greetingFor(services, definitionId, context);
      if (greeting !== null) await recordSpeech(services, runId, greeting);
    },
  };
}
