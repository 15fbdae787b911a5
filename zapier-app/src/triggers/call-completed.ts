/** Fires at the end of a call, or at other events of it, on a server that sends events. */
import { webhookEvents, type CreatedHook, type WebhookEvent } from '@dograh-trigger/shared';
import {
  defineInputFields,
  defineTrigger,
  type Bundle,
  type InferInputData,
  type ZObject,
} from 'zapier-platform-core';
import { chosenAgent, nameAgent } from '../call/agents';
import { readCallEvent, type CallEvent } from '../call/call-event';
import { callOutputFields, callRecord } from '../call/call-record';
import { extractedOutputFields } from '../call/variables';
import { unsupported } from '../platform/errors';
import { serverNote } from '../platform/server-note';
import { step } from '../platform/step';
import sample from '../samples/call.json';
import { recentCallsStep } from './call-completed-polling';
import { callFilter, matchesFilter } from '../call/call-filter';

/** The kinds of event, in the words of the editor. */
const eventChoices: Record<WebhookEvent, string> = {
  'call.answered': 'Answered',
  'call.completed': 'Call Completed',
  'call.attempt_ended': 'Attempt Ended',
  'call.artifacts_ready': 'Files Ready',
};

const inputFields = defineInputFields([
  ...callFilter,
  {
    key: 'events',
    label: 'Events',
    type: 'string',
    list: true,
    required: false,
    choices: eventChoices,
    helpText:
      'What starts the Zap; empty: *Call Completed*, when the call has ended and is not placed again. *Answered* comes when ' +
      'somebody, or a machine, answers, whatever Statuses says. *Attempt Ended* comes ' +
      'for each attempt, also when the call is placed again later. *Files Ready* comes when the recording and the ' +
      'transcript exist, however long they took. With several the Zap starts once for each.',
  },
]);

type Input = InferInputData<typeof inputFields>;

/** What the record of a call says about its event, in addition to the call. */
function eventFields({ type, attempt }: Pick<CallEvent, 'type' | 'attempt'>) {
  return {
    event: type,
    attempt_number: attempt?.number ?? null,
    attempt_status: attempt?.status ?? null,
    attempt_reason: attempt?.reason ?? null,
  };
}

export const callCompletedStep = step(async (client, bundle: Bundle<Input>, z) => {
  const event = await readCallEvent(client, bundle, new Date());
  if (event === null) return [];
  const { type, run, attempt } = event;
  const record = callRecord(z, run);
  // Of an attempt its own status counts, because the call may go on. An answer is no end.
  if (
    type !== 'call.answered' &&
    !matchesFilter({ status: attempt?.status ?? record.status }, bundle.inputData)
  )
    return [];
  const agent = await nameAgent(client, { id: run.workflow_id });
  return [{ ...record, agent_name: agent?.name ?? null, ...eventFields(event) }];
});

/** For the sample in the editor: ended calls, with the same keys as the event. */
export const callCompletedList = async (z: ZObject, bundle: Bundle<Input>) => {
  const calls = await recentCallsStep(z, bundle);
  return calls.map((call) => ({ ...call, ...eventFields({ type: 'call.completed', attempt: null }) }));
};

const insteadOfEvents =
  'Use the trigger Call Completed (Any Server) instead, which asks for ended calls every few minutes.';

export const callCompletedSubscribe = step(async (client, bundle: Bundle<Input>, z): Promise<CreatedHook> => {
  if (!(await client.capabilities()).extensions.has('hooks')) {
    throw unsupported(z, `This server cannot tell Zapier when a call has ended. ${insteadOfEvents}`);
  }
  const agent = await chosenAgent(client, bundle.inputData.agent);
  const { targetUrl = '' } = bundle;
  const chosen: string[] = bundle.inputData.events ?? [];
  const events = webhookEvents.filter((type) => chosen.includes(type));
  return client.subscribeToCalls({
    targetUrl,
    events: events.length === 0 ? undefined : events,
    agentUuid: agent?.uuid,
  });
});

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
    description:
      'Triggers when a call has ended, or at other events of a call, on a server that sends events.',
  },
  operation: {
    type: 'hook',
    perform: callCompletedStep,
    performList: callCompletedList,
    performSubscribe: callCompletedSubscribe,
    performUnsubscribe: callCompletedUnsubscribe,
    inputFields: [serverNote(['hooks'], insteadOfEvents), ...inputFields],
    sample: { ...sample, ...eventFields({ type: 'call.completed', attempt: null }) },
    outputFields: [
      ...callOutputFields,
      extractedOutputFields,
      { key: 'event', label: 'Event', type: 'string' },
      { key: 'attempt_number', label: 'Attempt Number', type: 'integer' },
      { key: 'attempt_status', label: 'Attempt Status', type: 'string' },
      { key: 'attempt_reason', label: 'Attempt Reason', type: 'string' },
    ],
  },
});
