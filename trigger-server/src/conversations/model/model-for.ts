/** Which language model a conversation gets: its agent's, else its organization's, else the operator's. */
import type { JsonObject, LlmSettings } from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { ModelFailure } from '../engine/port';
import { overlaid } from './agent-override';
import { chatCompletions } from './chat-completions';
import type { ChosenModel } from './chosen-model';
import { counted } from './counted';
import { configuredLlm } from './configuration';
import { isConfigured } from './configuration-store';
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
 * @returns null where no language model is configured. @throws ModelFailure when the agent chooses one that cannot be used.
 */
export async function modelFor(
  services: ModelServices,
  organizationId: number,
  settings: JsonObject = {},
): Promise<ChosenModel | null> {
  const endpoint = await endpointFor(services, services.storage.read, organizationId, settings);
  if (endpoint === null) return null;
  if (typeof endpoint === 'string') throw new ModelFailure(endpoint, 'refused');
  return {
    model: counted(chatCompletions(services, endpoint, organizationId), endpoint.kind, services.metrics),
    provider: endpoint.kind,
    name: endpoint.model,
    processor: processors[endpoint.kind],
    isScripted: false,
  };
}

/** Whether an organization has a language model: its own, or the operator's. */
export async function hasModel(
  { config }: Pick<Services, 'config'>,
  session: Session,
  organizationId: number,
): Promise<boolean> {
  return config.model !== null || isConfigured(session, organizationId);
}

/** Why the model that an agent chooses cannot be used, in words; null: it can, or it chooses none. */
export async function modelFault(
  services: Pick<Services, 'config' | 'secrets'>,
  session: Session,
  organizationId: number,
  settings: JsonObject,
): Promise<string | null> {
  try {
    const endpoint = await endpointFor(services, session, organizationId, settings);
    return typeof endpoint === 'string' ? endpoint : null;
  } catch (error) {
    if (error instanceof Problem && typeof error.detail === 'string') return error.detail;
    throw error;
  }
}

async function endpointFor(
  services: Pick<Services, 'config' | 'secrets'>,
  session: Session,
  organizationId: number,
  settings: JsonObject,
): Promise<Endpoint | string | null> {
  const own: LlmSettings | null = await configuredLlm(services, session, organizationId);
  const { model } = services.config;
  const base = own === null ? (model === null ? null : operatorsEndpoint(model)) : organizationsEndpoint(own);
  return overlaid(base, settings);
}
