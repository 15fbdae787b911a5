/** Fills the Agent dropdown. */
import { defineTrigger } from 'zapier-platform-core';
import { agentValue } from '../call/agents';
import { choiceFields, dropdownStep } from '../platform/step';

export const listAgentsStep = dropdownStep(async (client) => {
  const agents = await client.listAgents();
  const isOneOfSeveral = (name: string) => agents.filter((agent) => agent.name === name).length > 1;
  return agents.map(({ id, uuid, name }) => ({
    id: agentValue(uuid),
    name: isOneOfSeveral(name) ? `${name} (number ${id})` : name,
  }));
});

export const listAgents = defineTrigger({
  key: 'list_agents',
  noun: 'Agent',
  display: { label: 'List Agents', description: 'Fills the agent dropdown.', hidden: true },
  operation: { type: 'polling', perform: listAgentsStep, outputFields: [...choiceFields] },
});
