/** Processes the items of an execution in batches. */
import { fieldRefusal } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { asError } from './errors';
import { sleepInSlices } from './sleep';

/** The result of one item: the value of `work`, or its error. */
export type ItemOutcome<Value> = { value: Value } | { error: Error };

/**
 * Processes all items of an execution. The results are in the order of the items; items that were not started have
 * none.
 */
export type Operation = (context: IExecuteFunctions) => Promise<ItemOutcome<INodeExecutionData[]>[]>;

export interface Pace {
  /** Items that are started at the same time. */
  batchSize: number;
  /** From the start of a batch to the start of the next. With 0 the next batch waits for the end of this one. */
  intervalMilliseconds: number;
}

export const oneByOne: Pace = { batchSize: 1, intervalMilliseconds: 0 };

/** For requests that do not dial. */
export const tenAtOnce: Pace = { batchSize: 10, intervalMilliseconds: 0 };

/**
 * Runs `work` on each item, batch by batch. After the execution was stopped no further item is started; nor after a
 * failed item, unless the node continues on fail. Always waits for the items that were started.
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

/** @throws the error of the item. */
export function outputOf(outcome: ItemOutcome<INodeExecutionData[]>): INodeExecutionData[] {
  if ('value' in outcome) return outcome.value;
  throw outcome.error;
}

/** Reads the option Batching. Its fields and special values are the same as in the HTTP Request node. */
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

/** The output of one item. By `pairedItem` n8n links it to the input. */
export function itemOutput(itemIndex: number, ...outputs: IDataObject[]): INodeExecutionData[] {
  return outputs.map((json) => ({ json, pairedItem: { item: itemIndex } }));
}
