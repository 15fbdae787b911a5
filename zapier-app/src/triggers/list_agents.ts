/** Fills the Agent dropdown. */
import { defineTrigger } from 'zapier-platform-core';
import { dropdownStep } from '../lib/step';

export const listAgentsStep = dropdownStep(async (client) => {
  const agents = await client.listAgents();
  // The end of the trigger route for an agent's own UUID, which needs no trigger node in the agent.
  return agents.map(({ uuid, name }) => ({ id: `workflow/${uuid}`, name }));
});

export const listAgents = defineTrigger({
  key: 'list_agents',
  noun: 'Agent',
  display: { label: 'List Agents', description: 'Fills the agent dropdown.', hidden: true },
  operation: { type: 'polling', perform: listAgentsStep },
});
