import {
  llmProviders,
  modelConfiguration,
  modelConfigurationDefaults,
  modelConfigurationReply,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { route, type Route } from '../../http/route';
import type { Services } from '../../services';
import { changeConfiguration, forgetConfiguration, readConfiguration } from './configuration';

const common = {
  path: '/organizations/model-configurations/v2',
  tag: 'Organizations',
  auth: 'member',
} as const;

export function modelConfigurationRoutes(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets' | 'carrier'>,
): Route[] {
  return [
    route({
      ...common,
      method: 'get',
      scope: 'read',
      summary: 'The language model of the organization’s conversations, with masked keys',
      reply: modelConfigurationReply,
      handle: (_input, { organizationId }) => readConfiguration(services, organizationId),
    }),
    route({
      ...common,
      method: 'put',
      scope: 'admin',
      summary: 'Replace the language model of the organization’s conversations',
      description:
        'Any endpoint that speaks OpenAI’s chat completions; its key is tried first, and refused with 422 when the endpoint refuses it. Keys are encrypted at rest. A mask stands for the stored key while provider and address stay the same. Agents that name no answer talk from their next publishing on; versions that were published while there was no model announce until they are published again.',
      body: modelConfiguration,
      reply: modelConfigurationReply,
      handle: ({ body }, identity) => changeConfiguration(services, identity, body),
    }),
    route({
      ...common,
      method: 'delete',
      scope: 'admin',
      summary: 'Forget the language model of the organization’s conversations',
      description:
        'The model of this server is used again, if it has one; the reply shows it. Without one, agents that name no answer announce. Also for a configuration that cannot be read any more. Not at Dograh.',
      reply: modelConfigurationReply,
      handle: (_input, identity) => forgetConfiguration(services, identity),
    }),
    route({
      ...common,
      path: `${common.path}/defaults`,
      method: 'get',
      scope: 'read',
      summary: 'What a model configuration may hold: a JSON Schema for each provider',
      reply: modelConfigurationDefaults,
      handle: () => Promise.resolve(defaults),
    }),
  ];
}

const defaults: z.output<typeof modelConfigurationDefaults> = {
  dograh: {},
  byok: {
    pipeline: {
      llm: Object.fromEntries(
        Object.entries(llmProviders).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input' })]),
      ),
      tts: {},
      stt: {},
      embeddings: {},
      default_providers: { llm: 'openai' },
    },
    realtime: {},
  },
};
