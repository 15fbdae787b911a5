/** Which language model a conversation gets: its organization's, else the operator's. */
import type { ModelConfig } from '../../config';
import type { Services } from '../../services';
import type { Model } from '../engine/port';
import { chatCompletions } from './chat-completions';
import type { Endpoint, EndpointKind } from './endpoint';

export interface ChosenModel {
  model: Model;
  /** Whose API it is, as `runtime_configuration.llm_provider` of a run has it. */
  provider: string;
  /** The model's name in the configuration, as `runtime_configuration.llm_model` of a run has it. */
  name: string;
  /** What the keys of `usage_info.llm` begin with, as Dograh writes them: `<processor>|||<model>`. */
  processor: string;
  /** Whether it is the built-in script, which is no language model. */
  isScripted: boolean;
}

const processors: Record<EndpointKind, string> = {
  openai: 'OpenAILLMService#0',
  azure: 'AzureLLMService#0',
  groq: 'GroqLLMService#0',
  openrouter: 'OpenRouterLLMService#0',
  huggingface: 'HuggingFaceLLMService#0',
  compatible: 'OpenAILLMService#0',
};

type ModelServices = Pick<Services, 'config' | 'carrier' | 'clock' | 'chance'>;

/** @returns null where no language model is configured. */
export function modelFor(services: ModelServices, organizationId: number): Promise<ChosenModel | null> {
  const { model } = services.config;
  if (model === null) return Promise.resolve(null);
  const endpoint = operatorsEndpoint(model);
  return Promise.resolve({
    model: chatCompletions(services, endpoint, organizationId),
    provider: endpoint.kind,
    name: endpoint.model,
    processor: processors[endpoint.kind],
    isScripted: false,
  });
}

const kindsByHost: Record<string, EndpointKind> = {
  'api.openai.com': 'openai',
  'api.groq.com': 'groq',
  'openrouter.ai': 'openrouter',
  'router.huggingface.co': 'huggingface',
};

function operatorsEndpoint({ baseUrl, apiKey, name }: ModelConfig): Endpoint {
  const { hostname } = new URL(baseUrl);
  return {
    kind: hostname.endsWith('.openai.azure.com') ? 'azure' : (kindsByHost[hostname] ?? 'compatible'),
    url: `${baseUrl}/chat/completions`,
    model: name,
    apiKeys: apiKey === null ? [] : [apiKey],
    headers: {},
    isTrusted: true,
  };
}
