/** Fires at the end of a call, on a server that sends events. */
import type { CreatedHook } from '@dograh-trigger/shared';
import { defineTrigger, type Bundle } from 'zapier-platform-core';
import { chosenAgent, nameAgent } from '../call/agents';
import { readCallEvent } from '../call/call-event';
import { callOutputFields, callRecord } from '../call/call-record';
import { unsupported } from '../platform/errors';
import { serverNote } from '../platform/server-note';
import { step } from '../platform/step';
import sample from '../samples/call.json';
import { recentCallsStep } from './call-completed-polling';
import { callFilter, matchesFilter, type CallFilter } from '../call/call-filter';

export const callCompletedStep = step(async (client, bundle: Bundle<CallFilter>, z) => {
  const run = await readCallEvent(client, bundle, new Date());
  if (run === null) return [];
  const record = callRecord(z, run);
  if (!matchesFilter(record, bundle.inputData)) return [];
  const agent = await nameAgent(client, { id: run.workflow_id });
  return [{ ...record, agent_name: agent?.name ?? null }];
});

const insteadOfEvents =
  'Use the trigger Call Completed (Any Server) instead, which asks for ended calls every few minutes.';

export const callCompletedSubscribe = step(
  async (client, bundle: Bundle<CallFilter>, z): Promise<CreatedHook> => {
    if (!(await client.capabilities()).extensions.has('hooks')) {
      throw unsupported(z, `This server cannot tell Zapier when a call has ended. ${insteadOfEvents}`);
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
    description: 'Triggers when a call has ended, within a minute, on a server that sends events.',
  },
  operation: {
    type: 'hook',
    perform: callCompletedStep,
    // For the sample in the editor: ended calls, with the same keys as the event.
    performList: recentCallsStep,
    performSubscribe: callCompletedSubscribe,
    performUnsubscribe: callCompletedUnsubscribe,
    inputFields: [serverNote(['hooks'], insteadOfEvents), ...callFilter],
    sample,
    outputFields: [...callOutputFields],
  },
});
