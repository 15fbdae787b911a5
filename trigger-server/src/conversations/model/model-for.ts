/** Which language model a conversation gets: its organization's, else the operator's. */
import type { ModelConfig } from '../../config';
import type { Services } from '../../services';
import { chatCompletions } from './chat-completions';
import type { ChosenModel } from './chosen-model';
import type { Endpoint, EndpointKind } from './endpoint';
import { scriptedModel } from './scripted-model';

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

/** The built-in script takes the place of a model that is not configured. It is for the sandbox and for chats alone. */
export async function modelOrScript(services: ModelServices, organizationId: number): Promise<ChosenModel> {
  return (await modelFor(services, organizationId)) ?? scriptedModel;
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
