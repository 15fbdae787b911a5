/** Where a language model answers, and what its endpoint wants to have otherwise than the others. */
import type { JsonObject } from '@dograh-trigger/shared';

/** Whose API it is. `compatible` is any other server that speaks it, such as Ollama, vLLM and llama.cpp. */
export type EndpointKind = 'openai' | 'azure' | 'groq' | 'openrouter' | 'huggingface' | 'compatible';

export interface Endpoint {
  kind: EndpointKind;
  /** The whole address of chat completions. */
  url: string;
  model: string;
  /** One of them is drawn for each request; none where the endpoint wants none. */
  apiKeys: readonly string[];
  headers: Record<string, string>;
  /** Whether the operator names the address. A tenant's must not lead into the operator's network. */
  isTrusted: boolean;
}

/** @returns the header that shows the key. */
export function keyHeader({ kind }: Pick<Endpoint, 'kind'>, key: string): Record<string, string> {
  return kind === 'azure' ? { 'api-key': key } : { authorization: `Bearer ${key}` };
}

/**
 * The limit of tokens under the name that this API gives it: OpenAI's reasoning models refuse `max_tokens`, and others do
 * not know the new name.
 */
export function tokenLimit({ kind }: Pick<Endpoint, 'kind'>, tokens: number): JsonObject {
  return kind === 'openai' || kind === 'azure' ? { max_completion_tokens: tokens } : { max_tokens: tokens };
}

/** How the model chooses its words. A reasoning model knows no temperature; without the two settings it thinks too long. */
export function manner({ model }: Pick<Endpoint, 'model'>): JsonObject {
  return model.includes('gpt-5') ? { reasoning_effort: 'minimal', verbosity: 'low' } : { temperature: 0.1 };
}

/** Whether some chat templates behind this API refuse a request in which nobody has said anything. */
export function needsUserMessage({ kind }: Pick<Endpoint, 'kind'>): boolean {
  return kind !== 'openai' && kind !== 'azure';
}
