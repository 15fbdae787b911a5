/**
 * Starts a call and continues when it has ended. Zapier keeps the step waiting for up to 30 days, until the server
 * posts to the callback URL of this run of the step.
 */
import { callOfRun, summarizeRun, TriggerError, type Extension } from '@dograh-trigger/shared';
import { defineCreate, type Bundle } from 'zapier-platform-core';
import { callInputFields, readCall, type CallingStep, type CallInput } from '../call/call-fields';
import { callOutputFields, fullCallRecord } from '../call/call-record';
import { extractedOutputFields } from '../call/variables';
import { afterCall, unsupported } from '../platform/errors';
import { findPlacedBefore, placedBeforeError, readOnce, stillInProgressError } from '../call/once';
import { refuseLaterStart, scheduleGroups } from '../call/schedule-fields';
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

/** How long to wait for the end after the callback, in case the server's read is slightly behind. */
const endWaitSeconds = 15;

/**
 * Required extensions, with the text for the error message. The key is required because Zapier replays waiting
 * steps, and a replay must not call again.
 */
const requiredExtensions: [Extension, string][] = [
  ['callback-url', 'tell Zapier when a call has ended'],
  ['idempotency-key', 'recognize a step that Zapier replays'],
];

/** The polling trigger, because a server without callbacks is unlikely to support the instant trigger. */
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
    // The editor cannot wait for the result, so a test places no call.
    if (stepMeta(bundle).isLoadingSample) return sample;
    const call = await readCall(client, bundle.inputData);
    refuseLaterStart(call, new Date());
    const once = readOnce(call, bundle, kind);
    const earlier = await findPlacedBefore(client, call, once);
    if (earlier !== undefined) {
      if (once.ifPlacedBefore !== 'follow') throw placedBeforeError(z, once, earlier);
      if (!summarizeRun(earlier).hasEnded) throw stillInProgressError(z, once, earlier);
      const started = await startedRecord(client, call, callOfRun(earlier));
      // No callback URL was generated, so the step does not wait.
      return { ...started, already_placed: true, ...(await fullCallRecord(z, client, earlier, deadline)) };
    }
    // `placeNew` fails if another run has placed the call since the search. A call whose reply was lost is this
    // step's own.
    const placed = await placeNew(z, client, call, once, z.generateCallbackUrl());
    return { ...(await startedRecord(client, call, placed)), already_placed: false };
  },
  { repeatsDials: true },
);

/** Reads the result from the server, because anybody may post to the callback URL. */
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
    // Keeps the agent that was known at the start, in case it has been archived since.
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
    inputFieldGroups: scheduleGroups,
    sample,
    outputFields: [
      ...startedCallOutputFields.filter(({ key: name }) => !resultKeys.has(name)),
      { key: 'already_placed', label: 'Was Placed Before', type: 'boolean' },
      ...callOutputFields,
      extractedOutputFields,
    ],
  },
});
