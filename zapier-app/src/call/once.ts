/** What keeps a replay of a step from being a second call: a key for the call, and an end of the step that finds it placed. */
import {
  callIdentity,
  fieldText,
  hasMarkOfKey,
  idempotencyKey,
  keyLifetime,
  notPlaced,
  referenceIdentity,
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
 * Zapier's last replay by itself comes 10 hours and 35 minutes after the run, and a Zap that runs every day may run half
 * an hour early.
 */
const replaySeconds = 12 * hourSeconds;

/** A call, and how it is told from others. */
export interface CallOnce {
  ifPlacedBefore: IfPlacedBefore;
  hasReference: boolean;
  /** Nothing where each run is a call of its own. */
  sent: Pick<CallRequest, 'idempotencyKey' | 'keyLifetimeSeconds' | 'earlierTry'>;
}

/**
 * A key that is the same for every replay of a run: a server which keeps such keys dials once, and on another one the call
 * is found by it. With a Call Reference nothing counts beside it but whom which agent calls. Without one all counts that
 * is sent, so that no other call is taken for this one. Zapier names the Zap and not the step: two steps of one kind are
 * told apart by their input alone. In the editor there are no replays, and whoever presses "Test" twice wants two calls:
 * no key.
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
      // A replay has no memory: any run may be one.
      earlierTry: 'possible',
    },
  };
}

/**
 * The run of the same call, placed before, on a server whose list of calls has all of them. Asked before anything is sent:
 * a step that has a callback URL waits, also where the call has long ended, and a call takes a few such addresses only.
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

/** Of one number, within the time that a key is kept. */
const maximumCalls = 1000;

/** The end of a step whose call was placed before. @param run what is known of it. */
export function placedBeforeError(
  z: ZObject,
  { hasReference }: CallOnce,
  run: Run | number | undefined,
): Error {
  const advice = hasReference ? 'change the Call Reference' : 'change an input of this step';
  return halt(
    z,
    `${describeCall(hasReference)} was placed before${describeRun(run)}, so nothing was dialled now. ` +
      `To call again, ${advice}, or set ${ifPlacedBeforeLabel} to ${ifPlacedBeforeChoices.call_again}.`,
  );
}

/** For a step that goes on with the result of the call that was placed before: it looks again later. */
export function stillInProgressError(
  z: ZObject,
  { hasReference }: CallOnce,
  runId: number | undefined,
): Error {
  return throttle(
    z,
    `${describeCall(hasReference)} was placed before${describeRun(runId)} and is under way; ` +
      'its result is taken when it has ended.',
  );
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
