/** Counts what a model does for `/metrics`. */
import type { Metrics } from '../../metrics';
import { ModelFailure, type Model } from '../engine/port';
import type { EndpointKind } from './endpoint';

/** @param kind whose API it is: the names of models are texts of tenants, which no label holds. */
export function counted(
  model: Model,
  kind: EndpointKind,
  { modelRequests, modelTokens, firstWords }: Pick<Metrics, 'modelRequests' | 'modelTokens' | 'firstWords'>,
): Model {
  return {
    async reply(request, onText, signal) {
      const purpose = request.streamed ? 'turn' : 'extraction';
      try {
        const reply = await model.reply(request, onText, signal);
        modelRequests.inc({ kind, purpose, outcome: 'answered' });
        modelTokens.inc({ kind, direction: 'prompt' }, reply.usage.promptTokens);
        modelTokens.inc({ kind, direction: 'completion' }, reply.usage.completionTokens);
        if (request.streamed) firstWords.observe({ kind }, reply.firstWordsMilliseconds / 1000);
        return reply;
      } catch (error) {
        modelRequests.inc({
          kind,
          purpose,
          outcome: error instanceof ModelFailure ? error.reason : 'failed',
        });
        throw error;
      }
    },
  };
}
