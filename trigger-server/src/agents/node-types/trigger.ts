import { nodeType, property } from './declare';
import { nameProperty } from './shared-properties';

export const trigger = nodeType({
  name: 'trigger',
  display_name: 'API Trigger',
  description: 'Gives the agent two addresses that start a call: one for production, one for tests.',
  llm_hint:
    'At most one. POST /api/v1/public/agent/<trigger_path> calls with the published agent, POST /api/v1/public/agent/test/<trigger_path> with its draft (the published agent, if there is no draft). Both want an API key in X-API-Key, and a body with phone_number, and initial_context for the variables.',
  category: 'trigger',
  icon: 'Webhook',
  properties: [
    nameProperty('API Trigger'),
    property({
      name: 'enabled',
      type: 'boolean',
      display_name: 'Enabled',
      description: 'While false, both addresses answer 404.',
      default: true,
    }),
    property({
      name: 'trigger_path',
      type: 'string',
      display_name: 'Trigger Path',
      description:
        'The last part of both addresses. Up to 36 letters, digits, hyphens and underscores that no other agent has; left empty, the server makes one.',
      max_length: 36,
      pattern: '^[A-Za-z0-9_-]*$',
    }),
  ],
  example: { name: 'default', data: { name: 'API Trigger', enabled: true } },
  graph_constraints: { min_incoming: 0, max_incoming: 0, max_instances: 1 },
});
