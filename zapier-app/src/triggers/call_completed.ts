/** Fires at the end of a call, on a server that posts events. */
import type { CreatedHook } from '@dograh-trigger/shared';
import { defineTrigger, type Bundle } from 'zapier-platform-core';
import { chosenAgent, nameAgent } from '../lib/agents';
import { readCallEvent } from '../lib/call-event';
import { callOutputFields, callRecord } from '../lib/call-record';
import { unsupported } from '../lib/errors';
import { step } from '../lib/step';
import sample from '../samples/call.json';
import { agentFilter, recentCallsStep, type AgentFilter } from './call_completed_polling';

export const callCompletedStep = step(async (client, bundle: Bundle, z) => {
  const run = await readCallEvent(client, bundle, new Date());
  if (run === null) return [];
  const agent = await nameAgent(client, { id: run.workflow_id });
  return [{ ...callRecord(z, run), agent_name: agent?.name ?? null }];
});

export const callCompletedSubscribe = step(
  async (client, bundle: Bundle<AgentFilter>, z): Promise<CreatedHook> => {
    if (!(await client.capabilities()).extensions.has('hooks')) {
      throw unsupported(
        z,
        'This server cannot tell Zapier when a call has ended. Use the trigger Call Completed (Any Server) instead, ' +
          'which asks for ended calls every few minutes.',
      );
    }
    const agent = await chosenAgent(client, bundle.inputData.agent);
    const { targetUrl = '' } = bundle;
    return client.subscribeToCalls({ targetUrl, agentUuid: agent?.uuid });
  },
);

export const callCompletedUnsubscribe = step(async (client, { subscribeData }: Bundle) => {
  const id = Number(subscribeData?.id);
  await client.unsubscribeFromCalls(id);
  return { id };
});

export const callCompleted = defineTrigger({
  key: 'call_completed',
  noun: 'Call',
  display: {
    label: 'Call Completed',
    description: 'Triggers when a call has ended, at once, on a server that sends events.',
  },
  operation: {
    type: 'hook',
    perform: callCompletedStep,
    // What the editor shows: calls that have ended already, with the keys of the event.
    performList: recentCallsStep,
    performSubscribe: callCompletedSubscribe,
    performUnsubscribe: callCompletedUnsubscribe,
    inputFields: agentFilter,
    sample,
    outputFields: [...callOutputFields],
  },
});
