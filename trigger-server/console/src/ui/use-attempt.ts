/** A request that a form or a dialog sends: whether it is under way, and why the last one failed. */
import { useState } from 'react';

/**
 * @param work what is done; what it throws becomes `error`.
 * @returns `attempt` starts it. `error` is null until it fails.
 */
export function useAttempt(work: () => Promise<void>): {
  pending: boolean;
  error: unknown;
  attempt: () => void;
} {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function run(): Promise<void> {
    setPending(true);
    setError(null);
    try {
      await work();
    } catch (failure) {
      setError(failure);
    } finally {
      setPending(false);
    }
  }
  return { pending, error, attempt: () => void run() };
}
