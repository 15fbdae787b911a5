import { choices, keptOnly, nodeType, noTransitions, property, shownWhen } from './declare';
import { nameProperty } from './shared-properties';

const ownModel = { qa_use_workflow_llm: [false] };

export const qa = nodeType({
  name: 'qa',
  display_name: 'QA Analysis',
  description: `Has a model judge the transcript when the call has ended. ${keptOnly}`,
  llm_hint: 'Not part of the conversation: no transitions.',
  category: 'integration',
  icon: 'ClipboardCheck',
  properties: [
    nameProperty('QA Analysis'),
    property({
      name: 'qa_enabled',
      type: 'boolean',
      display_name: 'Enabled',
      description: 'While false, nothing is judged.',
      default: true,
    }),
    property({
      name: 'qa_system_prompt',
      type: 'string',
      display_name: 'System Prompt',
      description:
        'What the judging model is told. {transcript}, {metrics}, {node_summary} and {previous_conversation_summary} are filled in.',
      editor: 'textarea',
    }),
    property({
      name: 'qa_min_call_duration',
      type: 'number',
      display_name: 'Minimum Call Duration (seconds)',
      description: 'Shorter calls are left out.',
      default: 15,
      min_value: 0,
    }),
    property({
      name: 'qa_voicemail_calls',
      type: 'boolean',
      display_name: 'Include Voicemail Calls',
      description: 'Whether calls that a machine answered are judged, too.',
      default: false,
    }),
    property({
      name: 'qa_sample_rate',
      type: 'number',
      display_name: 'Sample Rate (%)',
      description: 'How many of 100 calls are judged.',
      default: 100,
      min_value: 1,
      max_value: 100,
    }),
    property({
      name: 'qa_use_workflow_llm',
      type: 'boolean',
      display_name: 'Use Workflow’s LLM',
      description: 'Whether the agent’s own model judges. false: the model below.',
      default: true,
    }),
    property({
      name: 'qa_provider',
      type: 'options',
      display_name: 'QA LLM Provider',
      description: 'Whose model judges.',
      display_options: shownWhen(ownModel),
      options: choices({
        openai: 'OpenAI',
        azure: 'Azure OpenAI',
        openrouter: 'OpenRouter',
        anthropic: 'Anthropic',
      }),
    }),
    property({
      name: 'qa_model',
      type: 'string',
      display_name: 'QA Model',
      description: 'The provider’s name of the model.',
      default: 'default',
      display_options: shownWhen(ownModel),
    }),
    property({
      name: 'qa_api_key',
      type: 'string',
      display_name: 'API Key',
      description: 'The provider’s key. Whoever may read the agent reads it, too.',
      display_options: shownWhen(ownModel),
    }),
    property({
      name: 'qa_endpoint',
      type: 'url',
      display_name: 'Azure Endpoint',
      description: 'Where the provider is reached, for Azure.',
      display_options: shownWhen({ ...ownModel, qa_provider: ['azure'] }),
    }),
  ],
  example: {
    name: 'check_the_opening',
    data: {
      name: 'Opening',
      qa_enabled: true,
      qa_system_prompt: 'Did the agent say who it is? Answer with JSON. {transcript}',
      qa_min_call_duration: 30,
    },
  },
  graph_constraints: noTransitions,
});
