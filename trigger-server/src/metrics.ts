/**
 * The metrics of the process. No label names an organization, an agent or a person, and every label has few values:
 * what a label may be is a word of this server, never a text of a tenant or a carrier.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DatabaseWork } from './storage/timing';

export interface Metrics {
  readonly registry: Registry;
  /** Requests for a call that passed the check of key and body, by outcome and, without a call, the code of the reason. */
  readonly triggers: Counter<'outcome' | 'reason'>;
  /** How long carriers took to answer a dial, in seconds. */
  readonly dials: Histogram<'carrier' | 'outcome'>;
  /** Questions to carriers about calls under way. */
  readonly questions: Counter<'carrier' | 'result'>;
  /** Requests to language models, by whose API it is and how they ended. */
  readonly modelRequests: Counter<'kind' | 'purpose' | 'outcome'>;
  readonly modelTokens: Counter<'kind' | 'direction'>;
  /** How long language models took to the first words of a turn, in seconds. */
  readonly firstWords: Histogram<'kind'>;
  /** How long work on the database took, in seconds. */
  readonly database: Histogram<'work'>;
  /** Requests with an invalid key, token or signature. */
  readonly unauthenticated: Counter;
  /** Reports of browsers that the console's content security policy has blocked something. */
  readonly policyViolations: Counter;
  /** Shows a worker from now on. @param health why it does not do its work; null where all is well. */
  showWorker(name: string, health: () => string | null): void;
}

/** A dial is given up after 15 seconds. */
const dialBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];
/** A request waits four seconds for the database at most. */
const databaseBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 4];

/** A turn waits 6 seconds for its first words. */
const firstWordBuckets = [0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 6];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const workers = new Map<string, () => string | null>();
  new Gauge({
    name: 'dograh_trigger_worker_healthy',
    help: 'Whether a background job of this process does its work (1) or not (0).',
    labelNames: ['worker'],
    registers,
    collect() {
      for (const [worker, health] of workers) this.set({ worker }, health() === null ? 1 : 0);
    },
  });
  return {
    registry,
    triggers: new Counter({
      name: 'dograh_trigger_triggers_total',
      help: 'Requests for a call with a valid key and body, by outcome: placed, replayed (a repeat of an earlier request), in_progress (the first request is still dialled), refused (by the carrier), not_sent (nobody was called), unknown (a phone may ring), rejected (by this server, before a run). The reason is a code of the API; empty where a call was placed.',
      labelNames: ['outcome', 'reason'],
      registers,
    }),
    dials: new Histogram({
      name: 'dograh_trigger_dial_seconds',
      help: 'How long a carrier took to answer a dial.',
      labelNames: ['carrier', 'outcome'],
      buckets: dialBuckets,
      registers,
    }),
    questions: new Counter({
      name: 'dograh_trigger_carrier_questions_total',
      help: 'Questions to carriers about calls of which nothing was reported: answered or failed.',
      labelNames: ['carrier', 'result'],
      registers,
    }),
    modelRequests: new Counter({
      name: 'dograh_trigger_model_requests_total',
      help: 'Requests to language models, for a turn of a conversation or for an extraction: answered, or why there was no answer.',
      labelNames: ['kind', 'purpose', 'outcome'],
      registers,
    }),
    modelTokens: new Counter({
      name: 'dograh_trigger_model_tokens_total',
      help: 'Tokens of language models, prompt and completion, as they counted them; estimated where they did not.',
      labelNames: ['kind', 'direction'],
      registers,
    }),
    firstWords: new Histogram<'kind'>({
      name: 'dograh_trigger_model_first_words_seconds',
      help: 'How long language models took to the first words, or the first call of a function, of a turn.',
      labelNames: ['kind'],
      buckets: firstWordBuckets,
      registers,
    }),
    database: new Histogram<'work'>({
      name: 'dograh_trigger_database_seconds',
      help: 'How long work on the database took. read: the reads of one turn of the event loop (PostgreSQL: one statement). write: a transaction with its commit. connection: the wait for a connection of the pool (PostgreSQL).',
      labelNames: ['work'],
      buckets: databaseBuckets,
      registers,
    }),
    unauthenticated: new Counter({
      name: 'dograh_trigger_unauthenticated_requests_total',
      help: 'Requests that were refused because their key, token or signature was not valid.',
      registers,
    }),
    policyViolations: new Counter({
      name: 'dograh_trigger_policy_violations_total',
      help: 'Reports of browsers about what the content security policy of the console has blocked.',
      registers,
    }),
    showWorker: (name, health) => void workers.set(name, health),
  };
}

/** @returns what notes the time of work on the database. */
export function timeDatabase({ database }: Metrics): (work: DatabaseWork, milliseconds: number) => void {
  const children = {
    read: database.labels('read'),
    write: database.labels('write'),
    connection: database.labels('connection'),
  };
  return (work, milliseconds) => {
    children[work].observe(milliseconds / 1000);
  };
}
