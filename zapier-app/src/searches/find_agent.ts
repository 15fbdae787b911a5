/** Finds an agent by its name, for a step that starts a call. */
import { fieldRefusal, fieldText } from '@dograh-trigger/shared';
import { defineInputFields, defineSearch, type Bundle, type InferInputData } from 'zapier-platform-core';
import { agentValue } from '../lib/agents';
import { step } from '../lib/step';
import sample from '../samples/find_agent.json';

const inputFields = defineInputFields([
  {
    key: 'name',
    label: 'Name',
    type: 'string',
    required: true,
    helpText: 'The name of the agent or a part of it; capital letters make no difference.',
  },
]);

export const findAgentStep = step(
  async (client, { inputData }: Bundle<InferInputData<typeof inputFields>>) => {
    const name = fieldText(inputData.name).toLowerCase();
    if (name === '') throw fieldRefusal('Name', 'enter the name of the agent or a part of it');
    const agents = await client.listAgents();
    const isExact = (agent: { name: string }) => agent.name.toLowerCase() === name;
    return agents
      .filter((agent) => agent.name.toLowerCase().includes(name))
      .sort((left, right) => Number(isExact(right)) - Number(isExact(left)))
      .map((agent) => ({
        id: agentValue(agent),
        name: agent.name,
        agent_id: agent.id,
        agent_uuid: agent.uuid,
      }));
  },
);

export const findAgent = defineSearch({
  key: 'find_agent',
  noun: 'Agent',
  display: { label: 'Find Agent', description: 'Finds an active agent by its name.' },
  operation: {
    perform: findAgentStep,
    inputFields,
    sample,
    outputFields: [
      { key: 'id', label: 'ID', type: 'string', primary: true },
      { key: 'name', label: 'Name', type: 'string' },
      { key: 'agent_id', label: 'Agent Number', type: 'integer' },
      { key: 'agent_uuid', label: 'Agent UUID', type: 'string' },
    ],
  },
});
