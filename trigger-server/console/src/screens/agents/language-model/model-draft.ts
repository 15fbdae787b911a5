/** The form of a language model: what it shows of the saved one, and what it sends. */
import type { JsonObject, ModelConfigurationDefaults, ModelConfigurationReply } from '@dograh-trigger/shared';

export const providerNames = {
  openai: 'OpenAI',
  azure: 'Azure OpenAI',
  groq: 'Groq',
  openrouter: 'OpenRouter',
  huggingface: 'Hugging Face',
  speaches: 'Another server: Ollama, vLLM, llama.cpp …',
} as const;

export type ProviderName = keyof typeof providerNames;

export const providers = Object.keys(providerNames) as ProviderName[];

export interface ModelDraft {
  provider: ProviderName;
  model: string;
  address: string;
  /** Empty: the saved key stays, or none is needed. */
  key: string;
}

/** The name that the server has for the address. */
export function addressField(provider: ProviderName): 'endpoint' | 'base_url' {
  return provider === 'azure' ? 'endpoint' : 'base_url';
}

/** The settings that the organization has saved, with masked keys; null: none. */
export function savedLlm({ configuration, effective_configuration: { llm } }: ModelConfigurationReply) {
  return configuration === null ? null : llm;
}

/** What the server puts in the place of what a provider's settings leave out. */
export function presetDraft(defaults: ModelConfigurationDefaults, provider: ProviderName): ModelDraft {
  const { properties } = defaults.byok.pipeline.llm[provider] ?? {};
  const preset = (name: string) => {
    const property = isObject(properties) ? properties[name] : undefined;
    return isObject(property) ? textOf(property['default']) : '';
  };
  return { provider, model: preset('model'), address: preset(addressField(provider)), key: '' };
}

export function draftOf(reply: ModelConfigurationReply, defaults: ModelConfigurationDefaults): ModelDraft {
  const saved = savedLlm(reply);
  const provider = providers.find((name) => name === saved?.provider);
  if (saved === null || provider === undefined) return presetDraft(defaults, 'openai');
  return { provider, model: saved.model, address: textOf(saved[addressField(provider)]), key: '' };
}

/** The masks of the saved keys, while the provider stays the same; null: none is saved for it. */
export function savedKey({ provider }: ModelDraft, reply: ModelConfigurationReply): string | string[] | null {
  const saved = savedLlm(reply);
  return saved?.provider === provider ? ((saved['api_key'] ?? null) as string | string[] | null) : null;
}

/** The body of the request. Masks that come back mean the saved keys. */
export function bodyOf(draft: ModelDraft, reply: ModelConfigurationReply): JsonObject {
  const { provider, model, address, key } = draft;
  const saved = savedLlm(reply);
  const sent = key.trim() === '' ? savedKey(draft, reply) : key.trim();
  const payer = saved?.provider === provider ? (saved['bill_to'] ?? null) : null;
  const llm = {
    provider,
    model: model.trim(),
    [addressField(provider)]: address.trim(),
    ...(sent === null ? {} : { api_key: sent }),
    ...(payer === null ? {} : { bill_to: payer as string }),
  };
  return { version: 2, mode: 'byok', byok: { mode: 'pipeline', pipeline: { llm } } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
