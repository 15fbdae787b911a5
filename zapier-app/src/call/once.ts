/**
 * Prevents a second call when Zapier replays a step: an idempotency key for the call, and the errors for a call
 * that was placed before.
 */
import {
  callIdentity,
  fieldText,
  hasMarkOfKey,
  idempotencyKey,
  keyLifetime,
  notPlaced,
  referenceIdentity,
  waitingText,
  wireRequest,
  type CallRequest,
  type Run,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { Bundle, ZObject } from 'zapier-platform-core';
import type { Call, CallingStep, CallInput } from './call-fields';
import { throttle, halt } from '../platform/errors';
import {
  ifPlacedBeforeChoices,
  ifPlacedBeforeLabel,
  readIfPlacedBefore,
  type IfPlacedBefore,
} from '../platform/if-placed-before';
import { readInstant } from '../platform/instant';
import { stepMeta } from '../platform/step';

const hourSeconds = 3600;
/**
 * Zapier's last automatic replay is 10 hours and 35 minutes after the run. A daily Zap must not be affected, even
 * if it runs early.
 */
const replaySeconds = 12 * hourSeconds;

/** How a step recognizes that its call was placed before. */
export interface CallOnce {
  ifPlacedBefore: IfPlacedBefore;
  hasReference: boolean;
  /** Empty when each run places another call. */
  sent: Pick<CallRequest, 'idempotencyKey' | 'keyLifetimeSeconds' | 'earlierTry'>;
}

/**
 * Derives a key that is the same for every replay of a run. A server that keeps keys dials once per key; on other
 * servers the client finds the call by it. With a Call Reference the key depends on the reference, the agent and
 * the number only. Without one it depends on the whole request, so that another call is never mistaken for this
 * one. Zapier identifies the Zap but not the step, so two steps of one kind differ only by their input. In the
 * editor there is no key: a second "Test" is meant to place a second call.
 *
 * @throws TriggerError `invalid_input`
 */
export function readOnce(call: Call, bundle: Bundle<CallInput>, step: CallingStep): CallOnce {
  const { zap, isLoadingSample } = stepMeta(bundle);
  const ifPlacedBefore = readIfPlacedBefore(bundle.inputData.if_placed_before, step.ifPlacedBefore);
  const reference = fieldText(bundle.inputData.call_reference);
  const hasReference = reference !== '';
  if (isLoadingSample || ifPlacedBefore === 'call_again') return { ifPlacedBefore, hasReference, sent: {} };
  const request = wireRequest(call);
  return {
    ifPlacedBefore,
    hasReference,
    sent: {
      idempotencyKey: idempotencyKey([
        'zapier',
        step.key,
        zap?.id ?? null,
        { ...call.target },
        call.environment,
        hasReference ? referenceIdentity(request, reference) : callIdentity(request),
      ]),
      keyLifetimeSeconds: hasReference ? keyLifetime.longest : replaySeconds,
      // A replay cannot be recognized, so every run may be one.
      earlierTry: 'possible',
    },
  };
}

/**
 * The run of the same call, if it was placed before. This is searched before anything is sent. Otherwise the step
 * would wait for its callback URL even if the call has ended, and a call accepts only a few callback URLs.
 *
 * @throws TriggerError
 */
export async function findPlacedBefore(
  client: TriggerClient,
  { phoneNumber }: Call,
  { sent: { idempotencyKey: key, keyLifetimeSeconds: seconds = 0 } }: CallOnce,
): Promise<Run | undefined> {
  if (key === undefined) return undefined;
  const createdSince = new Date(Date.now() - seconds * 1000);
  const calls = await client.listNewestCalls(maximumCalls, { calledNumber: phoneNumber, createdSince });
  const found = calls.find(
    ({ initial_context: variables, reason }) => hasMarkOfKey(variables, key) && reason !== notPlaced,
  );
  return found && client.getRun(found.id);
}

/** Maximum number of calls to search, to one number and within the lifetime of the key. */
const maximumCalls = 1000;

/** The error of a step whose call was placed before. @param run the run or its id, if known. */
export function placedBeforeError(
  z: ZObject,
  { hasReference }: CallOnce,
  run: Run | number | undefined,
): Error {
  const advice = hasReference ? 'change the Call Reference' : 'change an input of this step';
  const wait = waitOf(run);
  return halt(
    z,
    `${describeCall(hasReference)} was placed before${describeRun(run)}, so nothing was dialled now. ` +
      (wait === undefined ? '' : `${wait.text}. `) +
      `To call again, ${advice}, or set ${ifPlacedBeforeLabel} to ${ifPlacedBeforeChoices.call_again}.`,
  );
}

/**
 * The error of a step that waits for the result of the earlier call: Zapier runs it again later, for a queued call when
 * that is due.
 *
 * @param run the run or its id, if known.
 */
export function stillInProgressError(
  z: ZObject,
  { hasReference }: CallOnce,
  run: Run | number | undefined,
): Error {
  const earlier = `${describeCall(hasReference)} was placed before${describeRun(run)}`;
  const result = 'Its result is taken when it has ended.';
  const wait = waitOf(run);
  if (wait === undefined) return throttle(z, `${earlier} and is under way. ${result}`);
  return throttle(z, `${earlier}. ${wait.text}. ${result}`, wait.seconds);
}

/** What a queued call waits for, and how long; undefined for any other call, and where only its id is known. */
function waitOf(run: Run | number | undefined): { text: string; seconds: number } | undefined {
  if (typeof run !== 'object') return undefined;
  const text = waitingText(run);
  if (text === undefined) return undefined;
  const dueAt = run.due_at ? readInstant(run.due_at).getTime() : Date.now();
  return { text, seconds: Math.max(0, dueAt - Date.now()) / 1000 };
}

function describeCall(hasReference: boolean): string {
  return hasReference ? 'A call with this Call Reference' : 'The same call';
}

function describeRun(run: Run | number | undefined): string {
  if (run === undefined) return '';
  if (typeof run === 'number') return ` (run ${run})`;
  const [day, time] = readInstant(run.created_at).toISOString().split(/[T.]/);
  return `, on ${day} at ${time} UTC (run ${run.id})`;
}
