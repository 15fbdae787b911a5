/** Fires for every ended call, on any server. Zapier polls every few minutes and remembers the ids that it has seen. */
import { defineTrigger, type Bundle } from 'zapier-platform-core';
import { chosenAgent } from '../call/agents';
import { callOutputFields, endedCallRecord, type CallRecord } from '../call/call-record';
import { listEndedCalls } from '../call/recent-calls';
import { step, stepMeta } from '../platform/step';
import sample from '../samples/call.json';
import { callFilter, matchesFilter, type CallFilter } from '../call/call-filter';

/** The typings require the id as text; the platform accepts numbers. */
type PolledCall = CallRecord & { id: string };

/** For the sample in the editor: a few calls, including one that has just ended. */
const editorLimits = { maximum: 10, settleSeconds: 0 };

export const recentCallsStep = step(async (client, bundle: Bundle<CallFilter>, z) => {
  const agent = await chosenAgent(client, bundle.inputData.agent);
  const limits = stepMeta(bundle).isLoadingSample ? editorLimits : {};
  const calls = await listEndedCalls(client, { agentId: agent?.id, now: new Date(), ...limits });
  return calls
    .map((row) => endedCallRecord(z, row) as PolledCall)
    .filter((call) => matchesFilter(call, bundle.inputData));
});

export const callCompletedPolling = defineTrigger({
  key: 'call_completed_polling',
  noun: 'Call',
  display: {
    label: 'Call Completed (Any Server)',
    description: 'Triggers when a call has ended, within minutes, on every server.',
  },
  operation: {
    type: 'polling',
    perform: recentCallsStep,
    inputFields: callFilter,
    sample,
    outputFields: [...callOutputFields],
  },
});
