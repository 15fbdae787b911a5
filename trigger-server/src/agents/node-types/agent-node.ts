import { inTalks, nodeType } from './declare';
import {
  extractionProperties,
  globalPromptProperty,
  interruptProperty,
  nameProperty,
  promptProperty,
  referenceProperties,
} from './shared-properties';

export const agentNode = nodeType({
  name: 'agentNode',
  display_name: 'Agent Node',
  description: `A step of the conversation. ${inTalks}`,
  llm_hint: 'One thing to talk about. Transitions say when the conversation goes on to the next step.',
  category: 'call_node',
  icon: 'Headset',
  properties: [
    nameProperty('Agent'),
    promptProperty('Ask what the callee is looking for, and by when.'),
    interruptProperty(true),
    globalPromptProperty(true),
    ...extractionProperties,
    ...referenceProperties,
  ],
  example: {
    name: 'ask_for_budget',
    data: {
      name: 'Budget',
      prompt: 'Ask for the budget and the date. Go on when you know both.',
      allow_interrupt: true,
      extraction_enabled: true,
      extraction_prompt: 'Read the budget and the date.',
      extraction_variables: [
        { name: 'budget', type: 'number', prompt: 'The budget in dollars' },
        { name: 'start_date', type: 'string', prompt: 'When they want to begin' },
      ],
    },
  },
  graph_constraints: { min_incoming: 1 },
});
