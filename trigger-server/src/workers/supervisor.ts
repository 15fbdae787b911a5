/** Starts the workers of a process, shows their health, and stops them in order. */
import type { Config } from '../config';
import { describeError } from '../describe-error';
import type { Services } from '../services';
import type { RunningWorker, Worker } from './worker';

type Needs = Pick<Services, 'config' | 'clock' | 'log' | 'metrics'>;

export interface Supervised {
  /**
   * Stops all workers, in reverse order of their start. The others are stopped even if one fails or is late; the log
   * names that one.
   * @param milliseconds the time for all of them together.
   */
  stop(milliseconds: number): Promise<void>;
}

/** Starts the workers of this process's role, one after the other. The log names the workers left to another process. */
export async function supervise(services: Needs, workers: readonly Worker[]): Promise<Supervised> {
  const { config, log, metrics } = services;
  const running: { name: string; worker: RunningWorker }[] = [];
  for (const starting of workers) {
    const { name, role } = starting;
    if (!runsIn(config.role, role)) continue;
    const worker = await starting.start();
    metrics.showWorker(name, () => worker.health());
    running.unshift({ name, worker });
  }
  const elsewhere = workers.filter(({ role }) => !runsIn(config.role, role)).map(({ name }) => name);
  if (elsewhere.length > 0) {
    log.warn({ role: config.role, workers: elsewhere }, 'this process leaves these workers to another one');
  }
  return { stop: (milliseconds) => stopAll(services, running, milliseconds) };
}

function runsIn(role: Config['role'], of: Worker['role']): boolean {
  return of === 'any' || role !== 'api';
}

async function stopAll(
  { clock, log }: Needs,
  running: readonly { name: string; worker: RunningWorker }[],
  milliseconds: number,
): Promise<void> {
  let forget: () => void = () => undefined;
  const late = new Promise<'late'>((resolve) => {
    forget = clock.after(milliseconds, () => {
      resolve('late');
    });
  });
  for (const { name, worker } of running) {
    try {
      const outcome = await Promise.race([worker.stop(), late]);
      if (outcome === 'late') log.warn({ worker: name }, 'a worker did not stop in time');
    } catch (error) {
      log.error({ worker: name, error: describeError(error) }, 'a worker failed to stop');
    }
  }
  forget();
}
