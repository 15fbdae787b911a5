import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { searchAgents } from './list-search/agents';
import { searchCampaigns } from './list-search/campaigns';
import { searchCallerIds, searchTelephonyConfigurations } from './list-search/telephony';
import { getAgentVariables } from './resource-mapping/variables';
import { chosenOperation } from './resources';
import { agentDescription } from './resources/agent';
import { callDescription } from './resources/call';
import { campaignDescription } from './resources/campaign';
import { doNotCallDescription } from './resources/do-not-call';
import { failureOutput, toNodeError } from './runtime/errors';
import { outputOf } from './runtime/items';

/**
 * A programmatic node, not a declarative one: each item's call must be placed once, however often n8n runs the
 * node.
 */
export class Dograh implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Dograh',
    name: 'dograh',
    icon: { light: 'file:../../icons/dograh.svg', dark: 'file:../../icons/dograh.dark.svg' },
    group: ['output'],
    version: 1,
    subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
    description: 'Start AI phone calls, read their results, and start workflows when they end',
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
        options: [
          { name: 'Agent', value: 'agent' },
          { name: 'Call', value: 'call' },
          { name: 'Campaign', value: 'campaign' },
          { name: 'Do Not Call', value: 'doNotCall' },
        ],
      },
      ...callDescription,
      ...agentDescription,
      ...campaignDescription,
      ...doNotCallDescription,
    ],
  };

  methods = {
    listSearch: { searchAgents, searchCallerIds, searchCampaigns, searchTelephonyConfigurations },
    resourceMapping: { getAgentVariables },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const results: INodeExecutionData[] = [];
    const outcomes = await chosenOperation(this)();
    for (const [itemIndex, outcome] of outcomes.entries()) {
      try {
        results.push(...outputOf(outcome));
      } catch (error) {
        if (this.continueOnFail()) {
          results.push({ json: failureOutput(this, error, itemIndex), pairedItem: { item: itemIndex } });
          continue;
        }
        throw toNodeError(this.getNode(), error, itemIndex);
      }
    }
    return [results];
  }
}
