/** The resource Call: its operations in the editor, and the function of each. */
import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../runtime/items';
import { cancelCalls, cancelFields } from './cancel';
import { downloadRecordingFields, downloadRecordings } from './download-recording';
import { callFields, callOptionsField } from './fields';
import { getCalls, getFields } from './get';
import { getAllFields, listCalls } from './get-many';
import { getTranscriptFields, getTranscripts } from './get-transcript';
import { placeCalls } from './place';
import { placeAndWaitFields, placeCallsAndWait } from './place-and-wait';
import { waitFields, waitForCompletion } from './wait-for-completion';

export const callDescription: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'place',
    displayOptions: { show: { resource: ['call'] } },
    options: [
      {
        name: 'Cancel',
        value: 'cancel',
        action: 'Cancel call',
        description: 'End a call that is ringing or answered (needs a Dograh Trigger server)',
      },
      {
        name: 'Download Recording',
        value: 'downloadRecording',
        action: 'Download call recording',
        description: 'Get the audio of a call as a file',
      },
      {
        name: 'Get',
        value: 'get',
        action: 'Get call',
        description: 'Read the status and result of a call',
      },
      {
        name: 'Get Many',
        value: 'getAll',
        action: 'Get many calls',
        description: 'List calls, newest first',
      },
      {
        name: 'Get Transcript',
        value: 'getTranscript',
        action: 'Get call transcript',
        description: 'Read what was said in a call',
      },
      {
        name: 'Place',
        value: 'place',
        action: 'Place call',
        description:
          'Let a voice agent call a phone number. A real, billable call that repeats if it is run again.',
      },
      {
        name: 'Place and Wait',
        value: 'placeAndWait',
        action: 'Place call and wait for result',
        description:
          'Let a voice agent call a phone number, and go on when the call has ended. A real, billable call.',
      },
      {
        name: 'Wait for Completion',
        value: 'waitForCompletion',
        action: 'Wait for call to complete',
        description: 'Go on when a call that was placed before has ended',
      },
    ],
  },
  ...callFields,
  ...placeAndWaitFields,
  callOptionsField,
  ...cancelFields,
  ...getFields,
  ...getAllFields,
  ...waitFields,
  ...downloadRecordingFields,
  ...getTranscriptFields,
];

export const callOperations: ReadonlyMap<string, Operation> = new Map([
  ['cancel', cancelCalls],
  ['downloadRecording', downloadRecordings],
  ['get', getCalls],
  ['getAll', listCalls],
  ['getTranscript', getTranscripts],
  ['place', placeCalls],
  ['placeAndWait', placeCallsAndWait],
  ['waitForCompletion', waitForCompletion],
]);
