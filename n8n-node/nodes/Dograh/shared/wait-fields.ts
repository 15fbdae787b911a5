/** The options of the operations that wait for the end of a call. */
import {
  fieldRefusal,
  isTriggerError,
  mapInParallel,
  type Run,
  type RunOutcome,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { createClient } from './client';
import { asError } from './errors';
import type { ItemOutcome } from './items';
import { readSeconds } from './parameters';

/** A call lasts 20 minutes at most (Dograh: `max_call_duration`), and rings before. */
const defaultMaxWaitSeconds = 1800;
const defaultPollIntervalSeconds = 5;
const readsAtOnce = 10;

const whenOver: INodePropertyOptions[] = [
  { name: 'Fail', value: 'fail' },
  {
    name: 'Return the Call as It Is',
    value: 'return',
    description: 'Its status then says how far it has come',
  },
];

/** @param displayOptions left out where all operations that show the collection wait. */
export function waitOptions(displayOptions?: INodeProperties['displayOptions']): INodeProperties[] {
  return [
    {
      displayName: 'Max Wait (Seconds)',
      name: 'maxWaitSeconds',
      type: 'number',
      typeOptions: { minValue: 1 },
      default: defaultMaxWaitSeconds,
      description:
        'How long to wait for the calls to end, counted from when the last one was placed. Read once, at the first item.',
      displayOptions,
    },
    {
      displayName: 'Poll Interval (Seconds)',
      name: 'pollIntervalSeconds',
      type: 'number',
      typeOptions: { minValue: 1 },
      default: defaultPollIntervalSeconds,
      description: 'How often to ask whether the calls have ended. Read once, at the first item.',
      displayOptions,
    },
    {
      displayName: 'When Max Wait Is Over',
      name: 'whenMaxWaitIsOver',
      type: 'options',
      default: 'fail',
      options: whenOver,
      displayOptions,
    },
  ];
}

interface WaitFields {
  timeoutSeconds: number;
  pollIntervalSeconds: number;
  returnsUnfinished: boolean;
}

/** They hold for the whole execution, so they are read at the first item. @throws TriggerError `invalid_input` */
export function readWaitFields(context: IExecuteFunctions): WaitFields {
  const options = context.getNodeParameter('options', 0, {});
  return {
    timeoutSeconds: positiveSeconds('Max Wait', options.maxWaitSeconds, defaultMaxWaitSeconds),
    pollIntervalSeconds: positiveSeconds(
      'Poll Interval',
      options.pollIntervalSeconds,
      defaultPollIntervalSeconds,
    ),
    returnsUnfinished: options.whenMaxWaitIsOver === 'return',
  };
}

function positiveSeconds(displayName: string, value: unknown, fallback: number): number {
  const seconds = readSeconds(displayName, value) ?? fallback;
  if (seconds > 0) return seconds;
  throw fieldRefusal(displayName, 'enter a number of seconds above 0');
}

/**
 * Waits in one loop for the runs of all items that have one. A run that has not ended in time is an error, or what it
 * is by then.
 *
 * @param outcomes the items so far; what failed before stays as it is. @param runIdOf the run of an item.
 */
export async function waitForOutcomes<Value>(
  context: IExecuteFunctions,
  { returnsUnfinished, ...limits }: WaitFields,
  outcomes: readonly ItemOutcome<Value>[],
  runIdOf: (value: Value) => number,
): Promise<ItemOutcome<Run>[]> {
  const client = await createClient(context);
  const signal = context.getExecutionCancelSignal();
  const runIds = outcomes.flatMap((outcome) => ('value' in outcome ? [runIdOf(outcome.value)] : []));
  const ended = (await client.waitForRuns(runIds, { ...limits, signal })).values();
  const waits = outcomes.map((outcome): ItemOutcome<never> | RunOutcome =>
    'error' in outcome
      ? outcome
      : (ended.next().value ?? { error: new RangeError('A run was not waited for') }),
  );

  /** A last read that fails is the error of its item, and of no other one. */
  async function lastLook(runId: number): Promise<ItemOutcome<Run>> {
    try {
      return { value: await client.getRun(runId, { signal }) };
    } catch (error) {
      return { error: asError(error) };
    }
  }
  return mapInParallel(waits, readsAtOnce, async (wait) => {
    if ('run' in wait) return { value: wait.run };
    if ('value' in wait) return wait;
    const { error } = wait;
    const isOver = isTriggerError(error) && error.code === 'wait_timeout' && error.runId !== undefined;
    return returnsUnfinished && isOver ? lastLook(error.runId) : wait;
  });
}
