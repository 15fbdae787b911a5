/** A new agent that can be called at once: a start with a greeting, and a trigger. */
import type { AgentDefinition } from '@dograh-trigger/shared';

export function blankAgent(name: string): AgentDefinition {
  return {
    nodes: [
      {
        id: 'start',
        type: 'startCall',
        position: { x: 0, y: 0 },
        data: {
          name: 'Start',
          greeting_type: 'text',
          greeting: `Hello {{name | there}}, this is ${spoken(name)}.`,
          prompt: 'Greet the callee and say goodbye.',
        },
      },
      {
        id: 'trigger',
        type: 'trigger',
        position: { x: -360, y: 0 },
        // The server gives it a path.
        data: { name: 'API Trigger', enabled: true },
      },
    ],
    edges: [],
  };
}

/** Braces would begin a variable. */
function spoken(name: string): string {
  return name.replaceAll(/[{}]/g, '').trim();
}
