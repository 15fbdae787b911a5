/** A background job of the server: a feature exports its own, `main.ts` lists them. */

export interface RunningWorker {
  /** Why it does not do its work; null where all is well. */
  health(): string | null;
  /** Begins nothing more. Resolves when what was under way has ended. */
  stop(): Promise<void>;
}

export interface Worker {
  /** As logs and metrics call it. */
  name: string;
  /** Whether every process runs it, or only those that do the background work (`ROLE`). */
  role: 'worker' | 'any';
  /** Resolves once it works. A server that cannot start one of its workers does not start. */
  start(): RunningWorker | Promise<RunningWorker>;
}
