/**
 * Sequences of requests, such as creating, publishing and calling an agent, and the check that none of them blocks
 * the server.
 */
import type { Operation } from '../operations';
import { longestStop, longestStopOf } from './drive';
import type { MeasuredServer } from './measured-server';

export interface Step {
  operation: Operation;
  body?: object;
}

/**
 * The best of three, because other load on the machine can slow down single steps. @returns the steps that were
 * answered with a 5xx or a 413, and those that blocked the event loop for too long each time.
 */
export async function faultsOf(server: MeasuredServer, steps: readonly Step[]): Promise<string[]> {
  let slow = new Set(steps.keys());
  const broken: string[] = [];
  await server.measure();
  for (let round = 0; round < 3 && slow.size > 0; round += 1) {
    const slowNow = new Set<number>();
    for (const [index, { operation, body }] of steps.entries()) {
      const request = body === undefined ? {} : { body: JSON.stringify(body) };
      const { status, stop } = await longestStopOf(server, operation, request);
      // A body that is refused for its length was not processed.
      if (status >= 500 || status === 413) broken.push(`${operation.name} answered ${String(status)}`);
      if (stop > longestStop && slow.has(index)) slowNow.add(index);
    }
    slow = slowNow;
  }
  return [...broken, ...[...slow].map((index) => `${steps[index]?.operation.name ?? ''} stood still`)];
}
