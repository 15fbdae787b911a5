/** Waits until runs have ended: one of them, or all that a host has placed, in one loop. */
import type { Connection } from './connection';
import { isFinalStatus, type Run } from '../contracts';
import { TriggerError } from '../errors';
import { mapInParallel } from './parallel';
import { readRun, type ReadRunOptions } from './read-run';

export interface WaitOptions extends ReadRunOptions {
  timeoutSeconds: number;
  /** Pause between two rounds of reads (default 2). */
  pollIntervalSeconds?: number;
  /**
   * Dograh marks a run completed before its disposition is known, and after some calls none ever comes: how long
   * to wait for it (default 45).
   */
  settleSeconds?: number;
}

/** How the wait for one run ended. */
export type RunOutcome = { run: Run } | { error: TriggerError };

/** Passing failures in a row that end the wait for a run. */
const maximumFailures = 5;
const transientCodes: ReadonlySet<string> = new Set(['unreachable', 'server', 'busy', 'unexpected_response']);

/** Reads of one round that are under way at once. */
const concurrentReads = 10;

/**
 * Reads a run until it has ended: its status is final, or, on a server that reports none, it is completed and has
 * its disposition or had `settleSeconds` to get one. A single failed read does not end the wait.
 *
 * @throws TriggerError, with `runId`: `wait_timeout`, `canceled`, or what the last of several failed reads met.
 */
export async function waitForRun(connection: Connection, runId: number, options: WaitOptions): Promise<Run> {
  const [outcome] = await waitForRuns(connection, [runId], options);
  if (outcome === undefined || 'error' in outcome) throw outcome?.error ?? new RangeError('No run');
  return outcome.run;
}

/**
 * Waits for several runs at once: a round reads all that have not ended. The wait for one run ends as
 * {@link waitForRun} says, and whatever it ends with disturbs the others no further.
 *
 * @returns the outcomes in order of the ids.
 * @throws TriggerError `canceled`, or `invalid_input` for limits that would wait for ever or without a pause.
 */
export async function waitForRuns(
  connection: Connection,
  runIds: readonly number[],
  options: WaitOptions,
): Promise<RunOutcome[]> {
  const { pollIntervalSeconds = 2, signal } = options;
  const timeoutSeconds = requirePositive('timeoutSeconds', options.timeoutSeconds);
  const pause = requirePositive('pollIntervalSeconds', pollIntervalSeconds);
  const waits = runIds.map((runId) => new Wait(connection, runId, options));
  let waitedSeconds = 0;

  for (;;) {
    const startedAt = connection.now();
    await mapInParallel(pendingOf(waits), concurrentReads, (wait) => wait.read(waitedSeconds));
    waitedSeconds += (connection.now() - startedAt) / 1000;
    const pending = pendingOf(waits);
    if (pending.length > 0 && waitedSeconds < timeoutSeconds) {
      const seconds = Math.min(pause, timeoutSeconds - waitedSeconds);
      await connection.pause(seconds, signal, pending[0]?.runId);
      waitedSeconds += seconds;
    } else {
      return waits.map(({ runId, outcome }) => outcome ?? { error: timedOut(runId, timeoutSeconds) });
    }
  }
}

function pendingOf(waits: readonly Wait[]): Wait[] {
  return waits.filter(({ outcome }) => outcome === undefined);
}

class Wait {
  outcome: RunOutcome | undefined;
  #completedAtSeconds: number | undefined;
  #failures = 0;

  constructor(
    private readonly connection: Connection,
    readonly runId: number,
    private readonly options: WaitOptions,
  ) {}

  /** @throws TriggerError `canceled` */
  async read(waitedSeconds: number): Promise<void> {
    const { connection, runId, options } = this;
    const startedAt = connection.now();
    try {
      const run = await readRun(connection, runId, options, { retries: 0 });
      this.#failures = 0;
      this.#update(run, waitedSeconds + (connection.now() - startedAt) / 1000);
    } catch (error) {
      if (!(error instanceof TriggerError) || error.code === 'canceled') throw error;
      this.#failures += 1;
      if (!transientCodes.has(error.code) || this.#failures >= maximumFailures) this.outcome = { error };
    }
  }

  #update(run: Run, waitedSeconds: number): void {
    if (run.is_completed) this.#completedAtSeconds ??= waitedSeconds;
    const settledSeconds = waitedSeconds - (this.#completedAtSeconds ?? waitedSeconds);
    if (hasEnded(run, settledSeconds >= (this.options.settleSeconds ?? 45))) this.outcome = { run };
  }
}

/** @param isSettled on Dograh: whether a completed run without a disposition has had its time to get one. */
export function hasEnded(run: Run, isSettled: boolean): boolean {
  if (run.status !== undefined) return isFinalStatus(run.status);
  const disposition = run.gathered_context?.call_disposition;
  return run.is_completed && (isSettled || (disposition ?? '') !== '');
}

function timedOut(runId: number, timeoutSeconds: number): TriggerError {
  return new TriggerError({
    code: 'wait_timeout',
    message: `Run ${String(runId)} did not end within ${String(timeoutSeconds)} seconds. The call may go on: read the run later.`,
    runId,
  });
}

function requirePositive(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new TriggerError({ code: 'invalid_input', message: `${name} must be a number above 0.` });
}
