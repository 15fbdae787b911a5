/** Fires for every ended call, on any server. Zapier polls every few minutes and remembers the ids that it has seen. */
import { defineInputFields, defineTrigger, type Bundle } from 'zapier-platform-core';
import { chosenAgent } from '../call/agents';
import { callOutputFields, endedCallRecord, type CallRecord } from '../call/call-record';
import { extractedOutputFields } from '../call/variables';
import { listEndedCalls } from '../call/recent-calls';
import { readId } from '../platform/fields';
import { step, stepMeta } from '../platform/step';
import sample from '../samples/call.json';
import { callFilter, matchesFilter, type CallFilter } from '../call/call-filter';

/** The typings require the id as text; the platform accepts numbers. */
type PolledCall = CallRecord & { id: string };

/** For the sample in the editor: a few calls, including one that has just ended. */
const editorLimits = { maximum: 10, settleSeconds: 0 };

/** The events of a server do not say which campaign a call belongs to, so the instant trigger has no such field. */
const [campaignFilter] = defineInputFields([
  {
    key: 'campaign',
    label: 'Campaign',
    type: 'integer',
    required: false,
    dynamic: 'list_campaigns.id.name',
    helpText: 'Only calls of this campaign. Leave it empty for all calls.',
  },
]);

type Input = CallFilter & { campaign?: unknown };

export const recentCallsStep = step(async (client, bundle: Bundle<Input>, z) => {
  const campaignId = readId('Campaign', bundle.inputData.campaign);
  const agent = await chosenAgent(client, bundle.inputData.agent);
  const limits = stepMeta(bundle).isLoadingSample ? editorLimits : {};
  const calls = await listEndedCalls(client, {
    agentId: agent?.id,
    campaignId,
    now: new Date(),
    ...limits,
  });
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
    inputFields: [...callFilter, campaignFilter],
    sample,
    outputFields: [...callOutputFields, extractedOutputFields],
  },
});
