/**
 * An n8n in queue mode: main, two workers and a webhook processor, each in its own process with the packed node
 * installed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort } from '../../support/free-port';
import { installN8n } from '../n8n/install';
import { quiet, startN8n, type N8n } from '../n8n/n8n';
import { installPackage, packPackage } from '../n8n/package';
import { until } from '../until';
import { end, startServices, type Services } from './services';

export interface QueueProcess {
  /** Its output since its start. */
  log(): string;
  start(): Promise<void>;
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

export interface QueueN8n {
  main: N8n;
  /** Where the webhook processor listens. */
  processorUrl: string;
  /** The worker that runs an execution. */
  workerOf(execution: string): Promise<QueueProcess>;
  /** Requeues the job of a killed worker, like n8n 1 with a stalled job. */
  requeue(): void;
  /** Waits until n8n has noticed the jobs of killed workers, and no job is in progress. */
  isIdle(): Promise<void>;
  stop(): Promise<void>;
}

const common = {
  EXECUTIONS_MODE: 'queue',
  N8N_ENCRYPTION_KEY: 'a key of the queue suite',
  // Long enough for started requests, shorter than a call.
  N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '2',
  OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
  // In milliseconds. A killed worker is noticed after 15 s instead of 90 s.
  QUEUE_WORKER_LOCK_DURATION: '15000',
  QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
  QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

export async function startQueueN8n(): Promise<QueueN8n> {
  const folder = mkdtempSync(join(tmpdir(), 'n8n-queue-'));
  const stops: (() => Promise<void>)[] = [];
  async function stop(): Promise<void> {
    for (const stopOne of stops.reverse()) await stopOne();
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    const services = await startServices();
    stops.push(() => services.stop());
    const environment = { ...common, ...services.environment };
    const main = await startN8n(environment);
    stops.push(() => main.stop());

    mkdirSync(join(folder, 'package'));
    const { tarball } = packPackage(join(folder, 'package'));
    async function startOne(
      command: 'worker' | 'webhook',
      name: string,
      port: string,
    ): Promise<QueueProcess> {
      const home = join(folder, name);
      mkdirSync(home);
      installPackage(tarball, home);
      const one = queueProcess(command, home, { ...environment, ...(await ports(port)) });
      stops.push(() => one.end('SIGTERM'));
      await one.start();
      return one;
    }
    const processorPort = String(await freeTcpPort());
    const [first, second] = await Promise.all([
      startOne('worker', 'worker-1', String(await freeTcpPort())),
      startOne('worker', 'worker-2', String(await freeTcpPort())),
      startOne('webhook', 'webhook', processorPort),
    ]);
    const workers = [first, second];
    return {
      main,
      processorUrl: `http://127.0.0.1:${processorPort}`,
      async workerOf(execution) {
        const has = (worker: QueueProcess) =>
          worker.log().includes(`Worker started execution ${execution} (`);
        await until(`a worker runs execution ${execution}`, () => Promise.resolve(workers.some(has)));
        return workers.find(has)!;
      },
      requeue: () => {
        requeueActiveJob(services);
      },
      isIdle: () =>
        until(
          'no job is under way',
          () => Promise.resolve(services.redis('LLEN', `${queue}:active`) === '0'),
          60,
        ),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ports(port: string): Promise<Record<string, string>> {
  return { N8N_PORT: port, N8N_RUNNERS_BROKER_PORT: String(await freeTcpPort()) };
}

function queueProcess(
  command: 'worker' | 'webhook',
  home: string,
  environment: Record<string, string>,
): QueueProcess {
  const installation = installN8n();
  const logFile = join(home, 'n8n.log');
  const log = () => readFileSync(logFile, 'utf8');
  const isReady = { worker: 'n8n worker is now ready', webhook: 'Webhook listener waiting for requests' };
  let child: ChildProcess;
  return {
    log,
    async start() {
      const file = openSync(logFile, 'w');
      child = spawn(installation.program, [command], {
        // Not the rest of this process: under Jest n8n takes itself to be in its own tests.
        env: {
          PATH: installation.path,
          HOME: home,
          ...quiet,
          N8N_USER_FOLDER: home,
          N8N_LISTEN_ADDRESS: '127.0.0.1',
          GENERIC_TIMEZONE: 'UTC',
          ...environment,
        },
        stdio: ['ignore', file, file],
      });
      closeSync(file);
      await until(
        `the ${command} is ready`,
        () => {
          if (child.exitCode !== null) throw new Error(`The ${command} did not start:\n${log()}`);
          return Promise.resolve(log().includes(isReady[command]));
        },
        120,
      );
    },
    end: (signal) => end(child, signal),
  };
}

const queue = 'bull:jobs';

/** The one job that is active becomes the next one that a worker takes. */
function requeueActiveJob(services: Services): void {
  const job = services.redis('RPOPLPUSH', `${queue}:active`, `${queue}:wait`);
  if (job === '') throw new Error('No job is active');
}
