import { fieldRefusal } from '@dograh-trigger/shared';
import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { searchAgents } from './listSearch/agents';
import { callDescription, callOperations } from './resources/call';
import { failureOutput, toNodeError } from './shared/errors';

/** Written as code, not declared: a call must be placed once per item however often n8n runs the node. */
export class Dograh implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Dograh',
    name: 'dograh',
    icon: { light: 'file:../../icons/dograh.svg', dark: 'file:../../icons/dograh.dark.svg' },
    group: ['output'],
    version: 1,
    subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
    description: 'Start AI phone calls and read what became of them',
    defaults: { name: 'Dograh' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'dograhApi', required: true }],
    properties: [
      {
        displayName: 'Resource',
        name: 'resource',
        type: 'options',
        noDataExpression: true,
        default: 'call',
        options: [{ name: 'Call', value: 'call' }],
      },
      ...callDescription,
    ],
  };

  methods = { listSearch: { searchAgents } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const results: INodeExecutionData[] = [];
    for (let itemIndex = 0; itemIndex < this.getInputData().length; itemIndex++) {
      // A stopped execution dials nobody else.
      if (this.getExecutionCancelSignal()?.aborted) break;
      try {
        // n8n adds "Custom API Call" to the list, which means the HTTP Request node with this credential.
        const operation = callOperations.get(this.getNodeParameter('operation', itemIndex));
        if (!operation)
          throw fieldRefusal('Operation', 'choose one from the list, or use the HTTP Request node');
        results.push({ json: await operation(this, itemIndex), pairedItem: { item: itemIndex } });
      } catch (error) {
        if (this.continueOnFail()) {
          results.push({ json: failureOutput(error, itemIndex), pairedItem: { item: itemIndex } });
          continue;
        }
        throw toNodeError(this.getNode(), error, itemIndex);
      }
    }
    return [results];
  }
}
