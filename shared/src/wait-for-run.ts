/** Waits until a run has ended. */
import type { Connection } from './connection';
import { isFinalStatus, run as runSchema, type Run } from './contracts';
import { TriggerError } from './errors';
import { pathId } from './path-id';

export interface ReadRunOptions {
  /** Dograh ignores it and finds the run by its own id (default 0). */
  workflowId?: number;
  signal?: AbortSignal;
}

export interface WaitOptions extends ReadRunOptions {
  timeoutSeconds: number;
  /** Pause between two reads (default 2). */
  pollIntervalSeconds?: number;
  /**
   * Dograh marks a run completed before its disposition is known, and after some calls none ever comes: how long
   * to wait for it (default 45).
   */
  settleSeconds?: number;
}

/** Passing failures in a row that end a wait. */
const maximumFailures = 5;
const passingCodes: ReadonlySet<string> = new Set(['unreachable', 'server', 'busy', 'unexpected_response']);

/** The path of a run below `/api/v1`. */
export function runPath(runId: number, workflowId: number): string {
  return `/workflow/${pathId('agent', workflowId)}/runs/${pathId('run', runId)}`;
}

/**
 * Reads a run until it has ended: its status is final, or, on a server that reports none, it is completed and has
 * its disposition or had `settleSeconds` to get one. A single failed read does not end the wait.
 *
 * @throws TriggerError, with `runId`: `wait_timeout`, `canceled`, or what the last of several failed reads met.
 */
export async function waitForRun(connection: Connection, runId: number, options: WaitOptions): Promise<Run> {
  const { workflowId = 0, signal, pollIntervalSeconds = 2, settleSeconds = 45 } = options;
  const timeoutSeconds = positive('timeoutSeconds', options.timeoutSeconds);
  const pause = positive('pollIntervalSeconds', pollIntervalSeconds);
  const path = runPath(runId, workflowId);
  let waitedSeconds = 0;
  let completedAtSeconds: number | undefined;
  let failures = 0;

  async function read(): Promise<Run | undefined> {
    const startedAt = connection.now();
    try {
      const run = await connection.read(path, runSchema, { signal, runId, retries: 0 });
      failures = 0;
      return run;
    } catch (error) {
      failures += 1;
      const isPassing = error instanceof TriggerError && passingCodes.has(error.code);
      if (!isPassing || failures >= maximumFailures) throw error;
      return undefined;
    } finally {
      waitedSeconds += (connection.now() - startedAt) / 1000;
    }
  }

  for (;;) {
    const run = await read();
    if (run?.is_completed) completedAtSeconds ??= waitedSeconds;
    const settledSeconds = waitedSeconds - (completedAtSeconds ?? waitedSeconds);
    if (run && hasEnded(run, settledSeconds >= settleSeconds)) return run;
    if (waitedSeconds >= timeoutSeconds) throw timedOut(runId, timeoutSeconds);
    const seconds = Math.min(pause, timeoutSeconds - waitedSeconds);
    await connection.pause(seconds, signal, runId);
    waitedSeconds += seconds;
  }
}

function hasEnded(run: Run, isSettled: boolean): boolean {
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

function positive(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new TriggerError({ code: 'invalid_input', message: `${name} must be a number above 0.` });
}
