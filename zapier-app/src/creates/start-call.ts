/** Starts a call and ends as soon as the server has accepted it, without waiting for the result. */
import { defineCreate, type Bundle } from 'zapier-platform-core';
import { callInputFields, readCall, type CallingStep, type CallInput } from '../call/call-fields';
import { readOnce } from '../call/once';
import { scheduleGroups } from '../call/schedule-fields';
import { placeNew, startedCallOutputFields, startedRecord } from '../call/start-call';
import { step } from '../platform/step';
import sample from '../samples/start-call.json';

const kind = {
  key: 'start_call',
  label: 'Start Call',
  onTest: '**Testing this step places a real call every time:** use your own number.',
  ifPlacedBefore: ['skip', 'call_again'],
} as const satisfies CallingStep;

export const startCallStep = step(async (client, bundle: Bundle<CallInput>, z) => {
  const call = await readCall(client, bundle.inputData);
  const placed = await placeNew(z, client, call, readOnce(call, bundle, kind));
  return startedRecord(client, call, placed);
});

export const startCall = defineCreate({
  key: kind.key,
  noun: 'Call',
  display: { label: kind.label, description: 'Starts a phone call by a voice agent.' },
  operation: {
    perform: startCallStep,
    inputFields: callInputFields(kind),
    inputFieldGroups: scheduleGroups,
    sample,
    outputFields: [...startedCallOutputFields],
  },
});
