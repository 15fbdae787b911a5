/** How the items of an execution are gone through: at what pace, and what stops it. */
import { fieldRefusal } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { asError } from './errors';
import { sleepInSlices } from './sleep';

/** What became of one item: what `work` gave, or what it threw. */
export type ItemOutcome<Value> = { value: Value } | { error: Error };

/** All items of an execution, in; what became of each, out, in order. Items that were not begun are not in it. */
export type Operation = (context: IExecuteFunctions) => Promise<ItemOutcome<INodeExecutionData[]>[]>;

export interface Pace {
  /** Items that are begun at once. */
  batchSize: number;
  /** From the beginning of a batch to that of the next. At 0 the next one waits until this one is done. */
  intervalMilliseconds: number;
}

export const oneByOne: Pace = { batchSize: 1, intervalMilliseconds: 0 };

/** For requests that do not dial. */
export const tenAtOnce: Pace = { batchSize: 10, intervalMilliseconds: 0 };

/**
 * Runs `work` on each item, batch by batch. A stopped execution begins no further item; nor does a failed item, unless
 * the node continues on fail. Always waits for what it has begun.
 */
export async function forEachItem<Value>(
  context: IExecuteFunctions,
  { batchSize, intervalMilliseconds }: Pace,
  work: (itemIndex: number) => Promise<Value>,
): Promise<ItemOutcome<Value>[]> {
  const count = context.getInputData().length;
  const signal = context.getExecutionCancelSignal();
  const continuesOnFail = context.continueOnFail();
  const started: Promise<ItemOutcome<Value>>[] = [];
  let hasFailed = false;

  async function runItem(itemIndex: number): Promise<ItemOutcome<Value>> {
    try {
      return { value: await work(itemIndex) };
    } catch (error) {
      hasFailed = true;
      return { error: asError(error) };
    }
  }

  function isStopped(): boolean {
    return signal?.aborted === true || (hasFailed && !continuesOnFail);
  }

  for (let first = 0; first < count; first += batchSize) {
    if (first > 0 && !isStopped()) await sleepInSlices(intervalMilliseconds, signal);
    if (isStopped()) break;
    for (let itemIndex = first; itemIndex < Math.min(first + batchSize, count); itemIndex += 1) {
      started.push(runItem(itemIndex));
    }
    if (intervalMilliseconds === 0) await Promise.all(started.slice(first));
  }
  return Promise.all(started);
}

/** @throws what the item met. */
export function outputOf(outcome: ItemOutcome<INodeExecutionData[]>): INodeExecutionData[] {
  if ('value' in outcome) return outcome.value;
  throw outcome.error;
}

/** The pace of the option Batching, whose fields and special values are those of the HTTP Request node. */
export function readPace(context: IExecuteFunctions): Pace {
  const batch = context.getNodeParameter('options.batching.batch', 0, null) as {
    batchSize?: unknown;
    batchInterval?: unknown;
  } | null;
  if (batch === null) return oneByOne;
  const batchSize = Number(batch.batchSize ?? 50);
  const intervalMilliseconds = Number(batch.batchInterval ?? 1000);
  if (!Number.isInteger(batchSize)) throw fieldRefusal('Items per Batch', 'enter a whole number, such as 50');
  if (!(intervalMilliseconds >= 0)) throw fieldRefusal('Batch Interval', 'enter a number of milliseconds');
  return batchSize === -1 ? oneByOne : { batchSize: Math.max(batchSize, 1), intervalMilliseconds };
}

/** Output of one item: n8n follows `pairedItem` back to the input. */
export function itemOutput(itemIndex: number, ...outputs: IDataObject[]): INodeExecutionData[] {
  return outputs.map((json) => ({ json, pairedItem: { item: itemIndex } }));
}
