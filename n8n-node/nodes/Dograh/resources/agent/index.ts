/** The resource Agent: lists agents, and reads the variables and trigger URLs of one. */
import { fieldRefusal, triggerPath, type CallTarget, type Environment } from '@dograh-trigger/shared';
import type { INodeProperties } from 'n8n-workflow';
import { agentField, readAgentChoice } from '../../fields/agent-fields';
import { createClient } from '../../runtime/client';
import { forEachItem, itemOutput, oneByOne, tenAtOnce, type Operation } from '../../runtime/items';
import { limitFields, readLimit } from '../../fields/limit-fields';

const resource = ['agent'];

export const agentDescription: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'get',
    displayOptions: { show: { resource } },
    options: [
      {
        name: 'Get',
        value: 'get',
        action: 'Get agent',
        description: 'Read the variables and trigger URLs of an agent',
      },
      {
        name: 'Get Many',
        value: 'getAll',
        action: 'Get many agents',
        description: 'List the active agents',
      },
    ],
  },
  agentField({
    required: true,
    description: 'The agent to read',
    displayOptions: { show: { resource, operation: ['get'] } },
  }),
  ...limitFields({ resource, operation: ['getAll'] }),
];

const getAgents: Operation = (context) =>
  forEachItem(context, tenAtOnce, async (itemIndex) => {
    const client = await createClient(context, { itemIndex });
    const choice = await readAgentChoice(client, context.getNodeParameter('agent', itemIndex));
    if (!choice) throw fieldRefusal('Agent', 'choose an agent from the list, or enter its UUID or ID');
    const agent = await client.getAgent(choice.id);

    function url(uuid: string | null, environment: Environment): string | null {
      const target: CallTarget | null = uuid === null ? null : { triggerUuid: uuid };
      return target && `${client.baseUrl}/api/v1${triggerPath(target, environment)}`;
    }
    return itemOutput(itemIndex, {
      agent_id: agent.id,
      agent_uuid: agent.uuid,
      name: agent.name,
      version_status: agent.versionStatus,
      trigger_url: url(agent.productionTriggerUuid, 'production'),
      test_trigger_url: url(agent.testTriggerUuid, 'test'),
      variables: agent.variables.map(({ name, fallback }) => ({ name, fallback })),
    });
  });

const listAgents: Operation = (context) =>
  forEachItem(context, oneByOne, async (itemIndex) => {
    const client = await createClient(context, { itemIndex });
    const agents = await client.listAgents({ signal: context.getExecutionCancelSignal() });
    const shown = agents.slice(0, readLimit(context, itemIndex));
    return itemOutput(
      itemIndex,
      ...shown.map(({ id, uuid, name }) => ({ agent_id: id, agent_uuid: uuid, name })),
    );
  });

export const agentOperations: ReadonlyMap<string, Operation> = new Map([
  ['get', getAgents],
  ['getAll', listAgents],
]);
