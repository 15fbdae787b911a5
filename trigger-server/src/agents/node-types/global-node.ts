import { inTalks, nodeType, noTransitions } from './declare';
import { nameProperty, promptProperty } from './shared-properties';

export const globalNode = nodeType({
  name: 'globalNode',
  display_name: 'Global Node',
  description: `Who the agent is and how it talks, for all steps. ${inTalks}`,
  llm_hint: 'At most one. Its prompt goes before that of every step whose add_global_prompt is true.',
  category: 'global_node',
  icon: 'Globe',
  properties: [
    nameProperty('Global Node'),
    promptProperty('You call on behalf of {{company_name}}.', {
      display_name: 'Global Prompt',
      description:
        'What the model is told before the prompt of every step that asks for it. {{variables}} are filled in.',
      default:
        'You are on the phone. Use short sentences, plain words, and nothing that cannot be said aloud.',
    }),
  ],
  example: {
    name: 'persona',
    data: { name: 'Persona', prompt: 'You are Maria of Example Ltd. You are friendly and brief.' },
  },
  graph_constraints: { ...noTransitions, max_instances: 1 },
});
