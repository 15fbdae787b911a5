import {
  NodeConnectionTypes,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IPollFunctions,
} from 'n8n-workflow';
import { searchAgents } from '../Dograh/list-search/agents';
import { toNodeError } from '../Dograh/runtime/errors';
import { triggerFields } from '../Dograh/fields/run-filter';
import { pollCalls } from './poll-calls';

export class DograhPollingTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Dograh Polling Trigger',
    name: 'dograhPollingTrigger',
    icon: { light: 'file:../../icons/dograh.svg', dark: 'file:../../icons/dograh.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: 'call completed',
    description: 'Starts the workflow when a call has ended, even if Dograh cannot reach this n8n',
    defaults: { name: 'Dograh Polling Trigger' },
    polling: true,
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'dograhApi', required: true }],
    // A copy, because n8n adds its field Poll Times to the array of a polling node.
    properties: [...triggerFields],
  };

  methods = { listSearch: { searchAgents } };

  async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
    try {
      const ended = await pollCalls(this);
      return ended.length === 0 ? null : [ended.map((json) => ({ json }))];
    } catch (error) {
      // Thrown, so that n8n shows it. The next poll reads the same calls again.
      throw toNodeError(this.getNode(), error);
    }
  }
}
