/** The form of the language model: what it shows, and what it sends. */
import {
  llmProviders,
  modelConfiguration,
  modelConfigurationDefaults,
  type ModelConfigurationReply,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import {
  bodyOf,
  draftOf,
  presetDraft,
  providers,
  savedKey,
} from '../../trigger-server/console/src/screens/agents/language-model/model-draft';

const defaults = modelConfigurationDefaults.parse({
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
});

/** What the server shows of these saved settings; null: none. */
function shown(llm: (Record<string, unknown> & { provider: string; model: string }) | null) {
  const configuration = llm === null ? null : { version: 2 as const, mode: 'byok' };
  const effective = { llm, tts: null, stt: null, embeddings: null, realtime: null };
  return {
    configuration,
    effective_configuration: {
      ...effective,
      is_realtime: false,
      test_phone_number: null,
      timezone: null,
    },
    source: llm === null ? 'empty' : 'organization_v2',
  } satisfies ModelConfigurationReply;
}

const groq = shown({
  provider: 'groq',
  model: 'llama-3.3-70b-versatile',
  base_url: 'https://api.groq.com/openai/v1',
  api_key: '********abcd',
  bill_to: null,
});

test('every provider of the API can be chosen', () => {
  expect([...providers].sort()).toEqual(Object.keys(llmProviders).sort());
});

test.each(providers)('a form for %s that is filled in is one that the server takes', (provider) => {
  const preset = presetDraft(defaults, provider);
  const draft = { ...preset, address: preset.address || 'https://llm.example.com', key: 'sk-1' };
  const body = modelConfiguration.parse(bodyOf(draft, shown(null)));
  expect(body.byok.pipeline.llm).toMatchObject({ provider, model: preset.model, api_key: 'sk-1' });
});

test('without a saved model the form begins with OpenAI and what the server would use', () => {
  expect(draftOf(shown(null), defaults)).toEqual({
    provider: 'openai',
    model: 'gpt-4.1',
    address: 'https://api.openai.com/v1',
    key: '',
  });
});

test('an untouched form sends the mask of the saved key, which the server takes for the key', () => {
  const draft = draftOf(groq, defaults);
  expect(draft).toMatchObject({ provider: 'groq', key: '' });
  expect(bodyOf(draft, groq)).toEqual({
    version: 2,
    mode: 'byok',
    byok: {
      mode: 'pipeline',
      pipeline: {
        llm: {
          provider: 'groq',
          model: 'llama-3.3-70b-versatile',
          base_url: 'https://api.groq.com/openai/v1',
          api_key: '********abcd',
        },
      },
    },
  });
});

test('the saved key of one provider is not sent to another', () => {
  const draft = presetDraft(defaults, 'openai');
  expect(savedKey(draft, groq)).toBeNull();
  expect(JSON.stringify(bodyOf(draft, groq))).not.toContain('abcd');
});

test('who pays at Hugging Face stays as it was saved', () => {
  const saved = shown({
    provider: 'huggingface',
    model: 'openai/gpt-oss-120b',
    base_url: 'https://router.huggingface.co/v1',
    api_key: ['***1111', '***2222'],
    bill_to: 'acme',
  });
  expect(bodyOf(draftOf(saved, defaults), saved)).toMatchObject({
    byok: { pipeline: { llm: { bill_to: 'acme', api_key: ['***1111', '***2222'] } } },
  });
});
