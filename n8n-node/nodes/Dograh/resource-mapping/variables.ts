/** The fields of Variables: the variables in the texts of the chosen agent. */
import type { ILoadOptionsFunctions, ResourceMapperFields } from 'n8n-workflow';
import { createClient } from '../runtime/client';
import { toNodeError } from '../runtime/errors';
import { readEnvironment, readTarget, textOf } from '../runtime/parameters';

/** Shown for a trigger UUID: Dograh has no route that finds the agent of a trigger. */
const agentUnknownNotice =
  'The variables can be listed for an agent that is chosen from the list or by agent UUID. Choose it there, or enter the variables by name or as JSON: Map Automatically sends every column of an item whose name does not belong to the server.';
const withoutVariablesNotice = 'The prompts of this agent use no variables.';

/** The variables of the published agent, then those that only its draft has. None is required. */
export async function getAgentVariables(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
  try {
    const agent = this.getCurrentNodeParameter('agent');
    if (textOf(agent) === '') return { fields: [], emptyFieldsNotice: agentUnknownNotice };
    // A campaign has no environment: it calls with the published version.
    const environment = this.getCurrentNodeParameter('environment') ?? 'production';
    const target = readTarget(agent, readEnvironment(environment));
    if (!('agentUuid' in target)) return { fields: [], emptyFieldsNotice: agentUnknownNotice };

    const client = await createClient(this);
    const { variables } = await client.getAgent((await client.findAgent(target.agentUuid)).id);
    return {
      fields: variables.map(({ name, fallback }) => ({
        id: name,
        displayName: fallback === null ? name : `${name} (otherwise: ${fallback})`,
        required: false,
        defaultMatch: false,
        display: true,
        type: 'string',
      })),
      emptyFieldsNotice: withoutVariablesNotice,
    };
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}
