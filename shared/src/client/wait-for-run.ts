/** Waits until one or several runs have ended, in one polling loop. */
import type { Connection } from './connection';
import { isFinalStatus, type Run } from '../contracts';
import { TriggerError } from '../errors';
import { mapInParallel } from './parallel';
import { readRun, type ReadRunOptions } from './read-run';
import { waitingText } from '../run-texts';

export interface WaitOptions extends ReadRunOptions {
  timeoutSeconds: number;
  /** Pause between two rounds of reads (default 2). */
  pollIntervalSeconds?: number;
  /**
   * How long to wait for the disposition of a completed run (default 45). Dograh marks a run completed before its
   * disposition is known, and some runs never get one.
   */
  settleSeconds?: number;
}

/** How the wait for one run ended. */
export type RunOutcome = { run: Run } | { error: TriggerError };

/** Consecutive transient failures that end the wait for a run. */
const maximumFailures = 5;
const transientCodes: ReadonlySet<string> = new Set(['unreachable', 'server', 'busy', 'unexpected_response']);

/** Parallel reads in one round. */
const concurrentReads = 10;

/**
 * Reads a run until it has ended. It has ended when its status is final. On a server without statuses it has ended
 * when it is completed and either has a disposition or has been completed for `settleSeconds`. A single failed read
 * does not end the wait.
 *
 * @throws TriggerError, with `runId`: `wait_timeout`, `canceled`, or the error of the last of several failed reads.
 */
export async function waitForRun(connection: Connection, runId: number, options: WaitOptions): Promise<Run> {
  const [outcome] = await waitForRuns(connection, [runId], options);
  if (outcome === undefined || 'error' in outcome) throw outcome?.error ?? new RangeError('No run');
  return outcome.run;
}

/**
 * Waits for several runs: each round reads all runs that have not ended. The wait for each run ends as in {@link
 * waitForRun}, and its failure does not affect the others.
 *
 * @returns the outcomes in order of the ids.
 * @throws TriggerError `canceled`, or `invalid_input` for a timeout or a pause that is not a number above 0.
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
      return waits.map((wait) => wait.outcome ?? { error: timedOut(wait, timeoutSeconds) });
    }
  }
}

function pendingOf(waits: readonly Wait[]): Wait[] {
  return waits.filter(({ outcome }) => outcome === undefined);
}

class Wait {
  outcome: RunOutcome | undefined;
  /** The run as it was last read. */
  latest: Run | undefined;
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
      this.latest = run;
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

/** @param isSettled on Dograh: whether the time in which a completed run may get its disposition is over. */
export function hasEnded(run: Run, isSettled: boolean): boolean {
  if (run.status !== undefined) return isFinalStatus(run.status);
  const disposition = run.gathered_context?.call_disposition;
  return run.is_completed && (isSettled || (disposition ?? '') !== '');
}

function timedOut({ runId, latest }: Wait, timeoutSeconds: number): TriggerError {
  const goesOn = latest && waitingText(latest);
  return new TriggerError({
    code: 'wait_timeout',
    message:
      `Run ${String(runId)} did not end within ${String(timeoutSeconds)} seconds. ` +
      `${goesOn ?? 'The call may go on'}: read the run later.`,
    runId,
  });
}

function requirePositive(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new TriggerError({ code: 'invalid_input', message: `${name} must be a number above 0.` });
}
