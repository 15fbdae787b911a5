/**
 * Starts a call and goes on when it has ended. Zapier keeps the step waiting for up to 30 days, until the server
 * posts to the address that belongs to this run of the step.
 */
import { callOfRun, summarizeRun, TriggerError, type Extension } from '@dograh-trigger/shared';
import { defineCreate, type Bundle } from 'zapier-platform-core';
import { callInputFields, readCall, type CallingStep, type CallInput } from '../call/call-fields';
import { callOutputFields, fullCallRecord } from '../call/call-record';
import { afterCall, unsupported } from '../platform/errors';
import { findPlacedBefore, placedBeforeError, readOnce, stillInProgressError } from '../call/once';
import { placeNew, startedCallOutputFields, startedRecord } from '../call/start-call';
import { serverNote } from '../platform/server-note';
import { step, stepMeta } from '../platform/step';
import sample from '../samples/start-call-and-wait.json';

const kind = {
  key: 'start_call_and_wait',
  label: 'Start Call and Wait',
  onTest: 'Testing this step in the editor shows a sample and places no call.',
  ifPlacedBefore: ['skip', 'follow', 'call_again'],
} as const satisfies CallingStep;

/** The callback comes after the end of the call; this is for a server that is a moment behind itself. */
const endWaitSeconds = 15;

/** What the server must do, in the words of the refusal. Zapier replays a step that waits, which must not call again. */
const requiredExtensions: [Extension, string][] = [
  ['callback-url', 'tell Zapier when a call has ended'],
  ['idempotency-key', 'recognize a step that Zapier replays'],
];

/** The instant trigger takes what a server that does not call back hardly has. */
const insteadOfWaiting =
  'Use Start Call instead, and another Zap that begins with Call Completed (Any Server); or put a delay and Find Call ' +
  'behind Start Call.';

export const startCallAndWaitStep = step(
  async (client, bundle: Bundle<CallInput>, z, deadline) => {
    const { extensions } = await client.capabilities();
    const missing = requiredExtensions.filter(([extension]) => !extensions.has(extension));
    if (missing.length > 0) {
      const cannot = missing.map(([extension, words]) => `${words} (\`${extension}\`)`).join(' and cannot ');
      throw unsupported(z, `This server cannot ${cannot}, so nothing was dialled. ${insteadOfWaiting}`);
    }
    // The editor cannot wait, and a call whose result nobody sees should not be placed.
    if (stepMeta(bundle).isLoadingSample) return sample;
    const call = await readCall(client, bundle.inputData);
    const once = readOnce(call, bundle, kind);
    const earlier = await findPlacedBefore(client, call, once);
    if (earlier !== undefined) {
      if (once.ifPlacedBefore !== 'follow') throw placedBeforeError(z, once, earlier);
      if (!summarizeRun(earlier).hasEnded) throw stillInProgressError(z, once, earlier.id);
      const started = await startedRecord(client, call, callOfRun(earlier));
      // Without a callback URL the step does not wait.
      return { ...started, already_placed: true, ...(await fullCallRecord(z, client, earlier, deadline)) };
    }
    // A call that another run has placed since the look is an earlier one; the one whose reply was lost is this step's own.
    const placed = await placeNew(z, client, call, once, z.generateCallbackUrl());
    return { ...(await startedRecord(client, call, placed)), already_placed: false };
  },
  { repeatsDials: true },
);

/**
 * What was posted is only a hint, since anybody may post: the call that this step started is read from the server.
 */
export const startCallAndWaitResume = step(async (client, { outputData }: Bundle, z, deadline) => {
  const { id: runId } = { id: undefined, ...outputData };
  if (typeof runId !== 'number') {
    throw new TriggerError({
      code: 'invalid_input',
      message: 'The step does not know its call. Find Call finds it by the number that was called.',
    });
  }
  try {
    const run = await client.waitForRun(runId, { timeoutSeconds: endWaitSeconds });
    const record = await fullCallRecord(z, client, run, deadline);
    // What was known of the agent at the start is not lost to an agent that was archived since.
    const known = { agent: null, agent_name: null, ...outputData };
    const agent = { agent: record.agent ?? known.agent, agent_name: record.agent_name ?? known.agent_name };
    return { ...outputData, ...record, ...agent };
  } catch (error) {
    throw afterCall(z, error, runId);
  }
});

const resultKeys = new Set<string>(callOutputFields.map(({ key: name }) => name));

export const startCallAndWait = defineCreate({
  key: kind.key,
  noun: 'Call',
  display: {
    label: kind.label,
    description: 'Starts a phone call by a voice agent, waits until it has ended and gives its result.',
  },
  operation: {
    perform: startCallAndWaitStep,
    performResume: startCallAndWaitResume,
    inputFields: [
      serverNote(
        requiredExtensions.map(([extension]) => extension),
        insteadOfWaiting,
      ),
      ...callInputFields(kind),
    ],
    sample,
    outputFields: [
      ...startedCallOutputFields.filter(({ key: name }) => !resultKeys.has(name)),
      { key: 'already_placed', label: 'Was Placed Before', type: 'boolean' },
      ...callOutputFields,
    ],
  },
});
