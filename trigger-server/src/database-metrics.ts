/**
 * Metrics that are read from the database, when somebody asks for them and at most every five seconds. They are about
 * all servers of the database together.
 */
import { Gauge } from 'prom-client';
import { recordingBacklog } from './artifacts/awaited';
import { describeError } from './describe-error';
import { deliveryBacklog } from './events/standing/backlog';
import { countOpenRuns, followUpBacklog } from './runs/standing/open-runs';
import type { Services } from './services';
import type { Backlog } from './storage/backlog';

type Needs = Pick<Services, 'storage' | 'clock' | 'log' | 'metrics'>;

const freshMilliseconds = 5000;

interface Standing {
  openRuns: number;
  backlogs: { work: string; count: number; oldestSeconds: number }[];
}

/** Adds the metrics to the registry. */
export function showDatabase(services: Needs): void {
  const registers = [services.metrics.registry];
  const read = readNowAndThen(services);
  new Gauge({
    name: 'dograh_trigger_database_answers',
    help: 'Whether the database answered the questions for this page (1) or not (0). If not, the other metrics that are read from it are missing.',
    registers,
    async collect() {
      this.set((await read()) === null ? 0 : 1);
    },
  });
  new Gauge({
    name: 'dograh_trigger_open_runs',
    help: 'Calls that have not ended, over all servers of the database. Each takes a slot of its organization.',
    registers,
    async collect() {
      const standing = await read();
      if (standing === null) this.remove();
      else this.set(standing.openRuns);
    },
  });
  new Gauge({
    name: 'dograh_trigger_due',
    help: 'Work that is due and not begun, over all servers of the database: deliveries of events, follow-ups of calls, recordings to fetch. Counted up to 10000 (deliveries: 20000).',
    labelNames: ['work'],
    registers,
    async collect() {
      this.reset();
      for (const { work, count } of (await read())?.backlogs ?? []) this.set({ work }, count);
    },
  });
  new Gauge({
    name: 'dograh_trigger_oldest_due_seconds',
    help: 'For how long the oldest of this work has been due; 0 where nothing is due. Of more than 10000, the oldest of those counted.',
    labelNames: ['work'],
    registers,
    async collect() {
      this.reset();
      for (const { work, oldestSeconds } of (await read())?.backlogs ?? []) this.set({ work }, oldestSeconds);
    },
  });
}

/** @returns a function that reads the database, or returns what it has read less than five seconds ago; null: it failed. */
function readNowAndThen(services: Needs): () => Promise<Standing | null> {
  const { clock, log } = services;
  let readAt = -Infinity;
  let last: Promise<Standing | null> = Promise.resolve(null);
  return () => {
    const now = clock.steady().getTime();
    if (now - readAt >= freshMilliseconds) {
      readAt = now;
      last = readStanding(services).catch((error: unknown) => {
        log.warn({ error: describeError(error) }, 'the database did not answer the questions for /metrics');
        return null;
      });
    }
    return last;
  };
}

async function readStanding({ storage, clock }: Needs): Promise<Standing> {
  const wall = clock.now().toISOString();
  const steady = clock.steady().toISOString();
  const [openRuns, deliveries, followUps, recordings] = await Promise.all([
    countOpenRuns(storage.read),
    deliveryBacklog(storage.read, wall),
    followUpBacklog(storage.read, steady),
    recordingBacklog(storage.read, wall),
  ]);
  return {
    openRuns,
    backlogs: [
      shown('deliveries', deliveries, wall),
      shown('follow-ups', followUps, steady),
      shown('recordings', recordings, wall),
    ],
  };
}

function shown(work: string, { count, oldest }: Backlog, now: string): Standing['backlogs'][number] {
  const age = oldest === null ? 0 : (Date.parse(now) - Date.parse(oldest)) / 1000;
  return { work, count, oldestSeconds: Math.max(0, age) };
}
