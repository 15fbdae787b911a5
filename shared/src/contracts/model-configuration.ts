/** Which language model holds an organization's conversations: Dograh's model configuration, version 2. */
import * as z from 'zod';
import { plainText } from './json';
import { webhookUrl } from './webhook';

const modelName = plainText().min(1).max(200);
const key = plainText()
  .max(8192)
  .regex(/^[\x21-\x7e]+$/, 'Input should be visible ASCII characters without spaces');
const apiKey = z.union([key, z.array(key).min(1).max(20)]).meta({
  description:
    'A key, or several, of which one is drawn for each request. Replies show its last four characters.',
});

function openAiLike<Provider extends string>(provider: Provider, baseUrl: string, model: string) {
  return z.object({
    provider: z.literal(provider),
    api_key: apiKey,
    model: modelName.default(model),
    base_url: webhookUrl.default(baseUrl),
  });
}

/** The settings of a language model, by provider. All of them speak OpenAI's chat completions. */
export const llmProviders = {
  openai: openAiLike('openai', 'https://api.openai.com/v1', 'gpt-4.1'),
  azure: z.object({
    provider: z.literal('azure'),
    api_key: apiKey,
    model: modelName.default('gpt-4.1').meta({ description: 'The name of the deployment.' }),
    endpoint: webhookUrl.meta({ example: 'https://my-resource.openai.azure.com' }),
  }),
  groq: openAiLike('groq', 'https://api.groq.com/openai/v1', 'llama-3.3-70b-versatile'),
  openrouter: openAiLike('openrouter', 'https://openrouter.ai/api/v1', 'openai/gpt-4.1'),
  huggingface: openAiLike('huggingface', 'https://router.huggingface.co/v1', 'openai/gpt-oss-120b').extend({
    bill_to: key.nullish().meta({ description: 'The organization of Hugging Face that pays.' }),
  }),
  speaches: z.object({
    provider: z.literal('speaches'),
    api_key: apiKey.nullish(),
    model: modelName.default('llama3.1'),
    base_url: webhookUrl.default('http://localhost:11434/v1').meta({
      description: 'Any other server that speaks the same API: Ollama, vLLM, llama.cpp.',
    }),
  }),
} as const;
export type LlmProvider = keyof typeof llmProviders;

export const llmSettings = z
  .discriminatedUnion('provider', [
    llmProviders.openai,
    llmProviders.azure,
    llmProviders.groq,
    llmProviders.openrouter,
    llmProviders.huggingface,
    llmProviders.speaches,
  ])
  .meta({ id: 'LlmSettings' });
export type LlmSettings = z.output<typeof llmSettings>;

const notHere = z.unknown().optional().meta({
  description: 'Ignored: the carrier of a call hears and speaks.',
});

export const modelConfiguration = z
  .object({
    version: z.literal(2),
    mode: z.literal('byok', 'Input should be byok: this server has no models of its own'),
    byok: z.object({
      mode: z.literal('pipeline', 'Input should be pipeline: the carrier of a call hears and speaks'),
      pipeline: z.object({ llm: llmSettings, tts: notHere, stt: notHere, embeddings: notHere }),
    }),
  })
  .meta({
    id: 'ModelConfiguration',
    examples: [
      {
        version: 2,
        mode: 'byok',
        byok: {
          mode: 'pipeline',
          pipeline: {
            llm: { provider: 'speaches', model: 'llama3.1', base_url: 'https://llm.example.com/v1' },
          },
        },
      },
    ],
  });
export type ModelConfiguration = z.output<typeof modelConfiguration>;

const masked = z.looseObject({ provider: z.string(), model: z.string() });

export const modelConfigurationReply = z
  .object({
    configuration: z
      .looseObject({ version: z.literal(2), mode: z.string() })
      .nullable()
      .meta({ description: 'As it was saved, with masked keys. Null: the organization has none.' }),
    effective_configuration: z.object({
      llm: masked.nullable(),
      tts: z.null(),
      stt: z.null(),
      embeddings: z.null(),
      realtime: z.null(),
      is_realtime: z.literal(false),
      test_phone_number: z.null(),
      timezone: z.null(),
    }),
    source: z.enum(['organization_v2', 'server', 'empty']).meta({
      description: 'server: the operator’s model is used (only on the bundled trigger server).',
    }),
    unverified: z.string().optional().meta({
      description:
        'Why the key could not be tried when it was saved. Absent: it was accepted. Only on the bundled trigger server.',
    }),
  })
  .meta({ id: 'ModelConfigurationReply' });
export type ModelConfigurationReply = z.output<typeof modelConfigurationReply>;

export const modelConfigurationDefaults = z
  .object({
    dograh: z.looseObject({}),
    byok: z.object({
      pipeline: z.object({
        llm: z
          .record(z.string(), z.looseObject({}))
          .meta({ description: 'A JSON Schema for each provider.' }),
        tts: z.looseObject({}),
        stt: z.looseObject({}),
        embeddings: z.looseObject({}),
        default_providers: z.object({ llm: z.string() }),
      }),
      realtime: z.looseObject({}),
    }),
  })
  .meta({ id: 'ModelConfigurationDefaults' });
export type ModelConfigurationDefaults = z.output<typeof modelConfigurationDefaults>;
