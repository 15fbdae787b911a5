/** A background job of the server. A feature exports its own; `main.ts` lists them all. */

export interface RunningWorker {
  /** Why it is not doing its work; null if all is well. */
  health(): string | null;
  /** Starts no new work. Resolves when the work in progress has ended. */
  stop(): Promise<void>;
}

export interface Worker {
  /** Its name in logs and metrics. */
  name: string;
  /** `any`: every process runs it. `worker`: only processes that do background work (`ROLE`). */
  role: 'worker' | 'any';
  /** Resolves once it runs. If one worker cannot start, the server does not start. */
  start(): RunningWorker | Promise<RunningWorker>;
}
