/** The options of operations that wait for the end of a call. */
import {
  fieldRefusal,
  isTriggerError,
  mapInParallel,
  type Run,
  type RunOutcome,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { clientsOfItems } from '../runtime/client';
import { asError } from '../runtime/errors';
import type { ItemOutcome } from '../runtime/items';
import { readSeconds } from '../runtime/parameters';

/** A call lasts at most 20 minutes (Dograh: `max_call_duration`), plus the time it rings. */
const defaultMaxWaitSeconds = 1800;
const defaultPollIntervalSeconds = 5;
const concurrentReads = 10;

const timeoutChoices: INodePropertyOptions[] = [
  { name: 'Fail', value: 'fail' },
  {
    name: 'Return the Call as It Is',
    value: 'return',
    description: 'Its status then says how far it has come',
  },
];

/** @param displayOptions not needed if every operation with this collection waits. */
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
      options: timeoutChoices,
      displayOptions,
    },
  ];
}

interface WaitFields {
  timeoutSeconds: number;
  pollIntervalSeconds: number;
  returnsUnfinished: boolean;
}

/**
 * Reads the options at the first item, because they apply to the whole execution. @throws TriggerError
 * `invalid_input`
 */
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
 * Waits for the runs of all items, in one polling loop per credential. A run that has not ended in time becomes an
 * error or, if the option says so, its current state.
 *
 * @param outcomes the items so far; failed items stay unchanged. @param runIdOf the run of an item.
 */
export async function waitForOutcomes<Value>(
  context: IExecuteFunctions,
  { returnsUnfinished, ...limits }: WaitFields,
  outcomes: readonly ItemOutcome<Value>[],
  runIdOf: (value: Value) => number,
): Promise<ItemOutcome<Run>[]> {
  const clientOf = clientsOfItems(context);
  const signal = context.getExecutionCancelSignal();
  const results = outcomes.map((outcome): Wait => ('error' in outcome ? outcome : notWaited));
  const groups = new Map<TriggerClient, { itemIndex: number; runId: number }[]>();
  for (const [itemIndex, outcome] of outcomes.entries()) {
    if ('error' in outcome) continue;
    const { client } = await clientOf({ itemIndex });
    const group = groups.get(client) ?? [];
    group.push({ itemIndex, runId: runIdOf(outcome.value) });
    groups.set(client, group);
  }
  await Promise.all(
    Array.from(groups, async ([client, items]) => {
      const runIds = items.map(({ runId }) => runId);
      const ended = await client.waitForRuns(runIds, { ...limits, signal });
      items.forEach(({ itemIndex }, position) => {
        results[itemIndex] = ended[position] ?? notWaited;
      });
    }),
  );

  /** A failed read is the error of its own item only. */
  async function readLastState(itemIndex: number, runId: number): Promise<ItemOutcome<Run>> {
    try {
      const { client } = await clientOf({ itemIndex });
      return { value: await client.getRun(runId, { signal }) };
    } catch (error) {
      return { error: asError(error) };
    }
  }
  return mapInParallel([...results.entries()], concurrentReads, async ([itemIndex, result]) => {
    if ('run' in result) return { value: result.run };
    const { error } = result;
    const isOver = isTriggerError(error) && error.code === 'wait_timeout' && error.runId !== undefined;
    return returnsUnfinished && isOver ? readLastState(itemIndex, error.runId) : { error: asError(error) };
  });
}

type Wait = { error: Error } | RunOutcome;

const notWaited: Wait = { error: new RangeError('A run was not waited for') };
