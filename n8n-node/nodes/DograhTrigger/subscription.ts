/** Subscribes to ended calls, and ends the subscription. */
import { fieldRefusal, TriggerError } from '@dograh-trigger/shared';
import type { IHookFunctions } from 'n8n-workflow';
import { readAgentChoice } from '../Dograh/fields/agent-fields';
import { createClient } from '../Dograh/runtime/client';
import { readCredential } from '../Dograh/runtime/credential';
import { readEvents } from './events';
import { saveDeliveries, stateOf } from './state';

/** @throws TriggerError when the server has no subscriptions and no Webhook Secret is set. */
export async function subscribe(context: IHookFunctions): Promise<void> {
  const state = stateOf(context);
  const client = await createClient(context);
  const agent = await readAgentChoice(client, context.getNodeParameter('agent', ''));
  const events = readEvents(context);
  const { extensions } = await client.capabilities();

  if (extensions.has('hooks')) {
    const targetUrl = context.getNodeWebhookUrl('default') ?? '';
    const agentUuid = agent && 'uuid' in agent ? agent.uuid : undefined;
    const { id, secret } = await client.subscribeToCalls({ targetUrl, events, agentUuid });
    const earlier = state.subscription;
    state.subscription = { id, secret, secretReadAt: Date.now() };
    // The earlier subscription of a killed n8n, or of this workflow with another agent.
    if (earlier && earlier.id !== id) await client.unsubscribeFromCalls(earlier.id);
  } else if (events.some((type) => type !== 'call.completed')) {
    throw fieldRefusal('Events', 'this server only tells of ended calls; choose Call Completed alone');
  } else if ((await readCredential(context)).webhookSecret === '') {
    throw new TriggerError({
      code: 'invalid_input',
      message:
        'This server has no subscriptions. Enter a Webhook Secret in the credential, and let a Webhook node of the agent send it in the header X-Webhook-Secret.',
    });
  } else {
    delete state.subscription;
  }
  if (agent) state.agentId = agent.id;
  else delete state.agentId;
}

export async function unsubscribe(context: IHookFunctions): Promise<void> {
  const state = stateOf(context);
  if (state.subscription) {
    const client = await createClient(context);
    await client.unsubscribeFromCalls(state.subscription.id);
  }
  delete state.subscription;
  saveDeliveries(context);
}
