import {
  llmProviders,
  modelConfiguration,
  modelConfigurationDefaults,
  modelConfigurationReply,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { route, type Route } from '../../http/route';
import type { Services } from '../../services';
import { changeConfiguration, readConfiguration } from './configuration';

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
        'Any endpoint that speaks OpenAI’s chat completions; its key is tried first, and refused with 422 when the endpoint refuses it. Keys are encrypted at rest. A mask stands for the stored key while provider and address stay the same. Only agents with the setting `answer: converse` talk; others go on as before.',
      body: modelConfiguration,
      reply: modelConfigurationReply,
      handle: ({ body }, identity) => changeConfiguration(services, identity, body),
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
