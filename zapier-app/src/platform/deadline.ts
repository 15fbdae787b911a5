/** Keeps a step within the time that Zapier gives it. */
import { setTimeout } from 'node:timers/promises';
import type { Transport } from '@dograh-trigger/shared';

/**
 * Seconds that all requests and pauses of one step may take together. Zapier ends a step after 30 s and counts it
 * as an error, which it replays: a slow call would be placed again.
 */
export const stepSeconds = 25;

export interface Deadline {
  /** The same transport, with no request outliving the deadline. After it, requests fail without being sent. */
  limit: (transport: Transport) => Transport;
  /** Waits, at most until the deadline. Rejects when the signal is aborted. */
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Is aborted at the deadline, for what goes past the transport. */
  signal: () => AbortSignal;
}

/** @param now milliseconds of a clock that runs on. The deadline is `stepSeconds` after this call. */
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
