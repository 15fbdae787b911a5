import {
  NodeConnectionTypes,
  type IHookFunctions,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';
import { searchAgents } from '../Dograh/list-search/agents';
import { toNodeError } from '../Dograh/runtime/errors';
import { triggerFields } from '../Dograh/fields/run-filter';
import { eventsField } from './events';
import { receiveDelivery } from './delivery';
import { subscribe, unsubscribe } from './subscription';

export class DograhTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Dograh Trigger',
    name: 'dograhTrigger',
    icon: { light: 'file:../../icons/dograh.svg', dark: 'file:../../icons/dograh.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: 'call completed',
    eventTriggerDescription: 'On call completed',
    description: 'Start AI phone calls, read their results, and start workflows when they end',
    defaults: { name: 'Dograh Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'dograhApi', required: true }],
    webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' }],
    properties: [
      {
        displayName:
          'On a Dograh Trigger server this node subscribes to calls by itself: there is nothing to set up. On Dograh itself, enter a Webhook Secret in the credential. Then add a Webhook node to the agent: method POST, the Production URL above as its endpoint, and a Dograh credential of type Custom Header with the header X-Webhook-Secret and the same secret.',
        name: 'setupNotice',
        type: 'notice',
        default: '',
      },
      eventsField,
      ...triggerFields,
    ],
  };

  methods = { listSearch: { searchAgents } };

  webhookMethods = {
    default: {
      /** Always false, so that n8n subscribes again: the server returns the existing subscription if there is one. */
      checkExists(this: IHookFunctions): Promise<boolean> {
        return Promise.resolve(false);
      },
      async create(this: IHookFunctions): Promise<boolean> {
        try {
          await subscribe(this);
          return true;
        } catch (error) {
          throw toNodeError(this.getNode(), error);
        }
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        try {
          await unsubscribe(this);
          return true;
        } catch (error) {
          throw toNodeError(this.getNode(), error);
        }
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return receiveDelivery(this);
  }
}
