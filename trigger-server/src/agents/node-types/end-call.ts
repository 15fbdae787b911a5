import { inTalks, nodeType } from './declare';
import {
  extractionProperties,
  globalPromptProperty,
  nameProperty,
  promptProperty,
} from './shared-properties';

export const endCall = nodeType({
  name: 'endCall',
  display_name: 'End Call',
  description: `Says goodbye and hangs up. ${inTalks}`,
  llm_hint: 'The end of a conversation; there may be several, one for each way it can end.',
  category: 'call_node',
  icon: 'OctagonX',
  properties: [
    nameProperty('End Call'),
    promptProperty('Thank the callee and say what happens next.'),
    globalPromptProperty(false),
    ...extractionProperties,
  ],
  example: {
    name: 'goodbye',
    data: { name: 'Goodbye', prompt: 'Repeat the time of the appointment and say goodbye.' },
  },
  graph_constraints: { min_incoming: 1, min_outgoing: 0, max_outgoing: 0 },
});
