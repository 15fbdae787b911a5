/** Finds an agent by its name, for a step that starts a call. */
import { fieldRefusal, fieldText, type AgentChoice, type TriggerError } from '@dograh-trigger/shared';
import { defineInputFields, defineSearch, type Bundle, type InferInputData } from 'zapier-platform-core';
import { agentValue } from '../call/agents';
import { step } from '../platform/step';
import sample from '../samples/find-agent.json';

const inputFields = defineInputFields([
  {
    key: 'name',
    label: 'Name',
    type: 'string',
    required: true,
    helpText:
      'The name of the agent, or a part of it that no other agent has; capital letters make no difference.',
  },
]);

export const findAgentStep = step(
  async (client, { inputData }: Bundle<InferInputData<typeof inputFields>>) => {
    const name = fieldText(inputData.name).toLowerCase();
    if (name === '') throw fieldRefusal('Name', 'enter the name of the agent or a part of it');
    const agents = await client.listAgents();
    const exact = agents.filter((agent) => agent.name.toLowerCase() === name);
    const found =
      exact.length > 0 ? exact : agents.filter((agent) => agent.name.toLowerCase().includes(name));
    if (found.length > 1) throw ambiguous(found);
    return found.map((agent) => ({
      id: agentValue(agent.uuid),
      name: agent.name,
      agent_id: agent.id,
      agent_uuid: agent.uuid,
    }));
  },
);

const maximumNamed = 5;

/** Several matches are an error, because the first one may be the wrong agent. */
function ambiguous(agents: AgentChoice[]): TriggerError {
  const named = agents.slice(0, maximumNamed).map(({ id, name }) => `${name} (number ${id})`);
  const more = agents.length > maximumNamed ? ` and ${agents.length - maximumNamed} more` : '';
  return fieldRefusal(
    'Name',
    `${agents.length} agents have it: ${named.join(', ')}${more}; enter a whole name, or map the number of the agent ` +
      'into the step that calls',
  );
}

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
