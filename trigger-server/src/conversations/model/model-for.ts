/** Which language model a conversation gets: its agent's, else its organization's, else the operator's. */
import type { JsonObject, LlmSettings } from '@dograh-trigger/shared';
import type { Services } from '../../services';
import { overlaid } from './agent-override';
import { chatCompletions } from './chat-completions';
import type { ChosenModel } from './chosen-model';
import { counted } from './counted';
import { configuredLlm } from './configuration';
import type { Endpoint, EndpointKind } from './endpoint';
import { operatorsEndpoint, organizationsEndpoint } from './endpoints';

const processors: Record<EndpointKind, string> = {
  openai: 'OpenAILLMService#0',
  azure: 'AzureLLMService#0',
  groq: 'GroqLLMService#0',
  openrouter: 'OpenRouterLLMService#0',
  huggingface: 'HuggingFaceLLMService#0',
  compatible: 'OpenAILLMService#0',
};

type ModelServices = Pick<
  Services,
  'config' | 'storage' | 'secrets' | 'carrier' | 'clock' | 'chance' | 'metrics'
>;

/**
 * @param settings `workflow_configurations` of the agent.
 * @returns null where no language model is configured, or none that the agent's own choice can use.
 */
export async function modelFor(
  services: ModelServices,
  organizationId: number,
  settings: JsonObject = {},
): Promise<ChosenModel | null> {
  const endpoint = await endpointFor(services, organizationId, settings);
  if (endpoint === null) return null;
  return {
    model: counted(chatCompletions(services, endpoint, organizationId), endpoint.kind, services.metrics),
    provider: endpoint.kind,
    name: endpoint.model,
    processor: processors[endpoint.kind],
    isScripted: false,
  };
}

async function endpointFor(
  services: ModelServices,
  organizationId: number,
  settings: JsonObject,
): Promise<Endpoint | null> {
  const own: LlmSettings | null = await configuredLlm(services, services.storage.read, organizationId);
  const { model } = services.config;
  const base = own === null ? (model === null ? null : operatorsEndpoint(model)) : organizationsEndpoint(own);
  return overlaid(base, settings);
}
