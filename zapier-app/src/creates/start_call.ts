/** Starts a call and ends as soon as the server has taken it: what came of the call is another step's question. */
import { defineCreate, type Bundle } from 'zapier-platform-core';
import { callInputFields, type CallInput } from '../lib/call-fields';
import { startCall as start, startedCallOutputFields } from '../lib/start-call';
import { step } from '../lib/step';
import sample from '../samples/start_call.json';

const key = 'start_call';

export const startCallStep = step((client, bundle: Bundle<CallInput>) => start(client, bundle, key));

export const startCall = defineCreate({
  key,
  noun: 'Call',
  display: { label: 'Start Call', description: 'Starts a phone call by a voice agent.' },
  operation: {
    perform: startCallStep,
    inputFields: callInputFields('**Testing this step places a real call every time:** use your own number.'),
    sample,
    outputFields: [...startedCallOutputFields],
  },
});
