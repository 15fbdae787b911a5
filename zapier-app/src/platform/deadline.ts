/** Keeps a step within Zapier's time limit. */
import { setTimeout } from 'node:timers/promises';
import type { Transport } from '@dograh-trigger/shared';

/**
 * Maximum seconds of all requests and pauses of one step. Zapier aborts a step after 30 s as an error and replays
 * it, and the replay of a slow call could place it again.
 */
export const stepSeconds = 25;

export interface Deadline {
  /** Wraps a transport: no request lasts beyond the deadline. After it requests fail without being sent. */
  limit: (transport: Transport) => Transport;
  /** Waits until the deadline at most. Rejects when the signal is aborted. */
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Aborted at the deadline, for requests that do not use the transport. */
  signal: () => AbortSignal;
}

/** @param now a monotonic clock in milliseconds. The deadline is `stepSeconds` after this call. */
export function startDeadline(now: () => number = () => performance.now()): Deadline {
  const end = now() + stepSeconds * 1000;
  return {
    limit: (transport) => async (request) => {
      const secondsLeft = (end - now()) / 1000;
      if (secondsLeft <= 0) throw new Error(`the ${stepSeconds} seconds of this step are used up`);
      return transport({ ...request, timeoutSeconds: Math.min(request.timeoutSeconds, secondsLeft) });
    },
    sleep: async (milliseconds, signal) => {
      await setTimeout(Math.max(0, Math.min(milliseconds, end - now())), undefined, { signal });
    },
    signal: () => {
      const millisecondsLeft = Math.ceil(end - now());
      return millisecondsLeft > 0 ? AbortSignal.timeout(millisecondsLeft) : AbortSignal.abort();
    },
  };
}
