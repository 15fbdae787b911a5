/** The endpoints that configurations name: the operator's, and those of organizations. */
import type { LlmSettings } from '@dograh-trigger/shared';
import type { ModelConfig } from '../../config';
import type { Endpoint, EndpointKind } from './endpoint';

const kindsByHost: Record<string, EndpointKind> = {
  'api.openai.com': 'openai',
  'api.groq.com': 'groq',
  'openrouter.ai': 'openrouter',
  'router.huggingface.co': 'huggingface',
};

export function operatorsEndpoint({ baseUrl, apiKey, name }: ModelConfig): Endpoint {
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

export function organizationsEndpoint(llm: LlmSettings): Endpoint {
  return {
    kind: llm.provider === 'speaches' ? 'compatible' : llm.provider,
    url: `${baseUrlOf(llm)}/chat/completions`,
    model: llm.model,
    apiKeys: keysOf(llm),
    headers: llm.provider === 'huggingface' && llm.bill_to != null ? { 'x-hf-bill-to': llm.bill_to } : {},
    isTrusted: false,
  };
}

/** What `/models` and `/chat/completions` are appended to. */
export function baseUrlOf(llm: LlmSettings): string {
  const url = (llm.provider === 'azure' ? llm.endpoint : llm.base_url).replace(/\/{1,8}$/, '');
  // Azure's own API of this form has the model in the body, and needs no version in the address.
  return llm.provider === 'azure' && !url.endsWith('/openai/v1') ? `${url}/openai/v1` : url;
}

export function keysOf({ api_key: key }: LlmSettings): readonly string[] {
  return key == null ? [] : typeof key === 'string' ? [key] : key;
}
