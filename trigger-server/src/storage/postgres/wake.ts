/**
 * Signals by LISTEN and NOTIFY (https://www.postgresql.org/docs/current/sql-notify.html). A NOTIFY is never part of a write,
 * because PostgreSQL commits the transactions that notify one after the other.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { jobs, type Job, type Wake } from '../port';
import { newPatience, type Connections } from './connections';

/** One for each database. */
const channel = 'dograh_trigger_work';
/** Signals within this time after a NOTIFY share the next one. */
const gatheringMilliseconds = 20;
const reconnectMilliseconds = 500;
const connectMilliseconds = 4000;
/** Keeps firewalls from dropping a connection on which nothing is sent for hours, and finds one that is dead. */
const keepAliveMilliseconds = 30_000;

export class PostgresWake implements Wake {
  private readonly tasks = new Map<Job, () => void>();
  private readonly waiting = new Set<Job>();
  private readonly closing = new AbortController();
  private sending: Promise<void> | null = null;
  private listening: Promise<void> | null = null;

  /** @param onFailure called when a signal was not sent, or when the connection that listens broke. */
  constructor(
    private readonly url: string,
    private readonly connections: Connections,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  signal(job: Job): void {
    if (this.isClosing()) return;
    this.waiting.add(job);
    this.sending ??= this.sendWaiting();
  }

  /** Opens the connection that listens at the first call, so that a process without workers has none. */
  listen(job: Job, task: () => void): () => void {
    this.tasks.set(job, task);
    this.listening ??= this.keepListening();
    return () => {
      this.tasks.delete(job);
    };
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([this.sending, this.listening]);
  }

  private isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  private async sendWaiting(): Promise<void> {
    while (this.waiting.size > 0 && !this.isClosing()) {
      const sent = [...this.waiting];
      this.waiting.clear();
      try {
        await this.connections.use(newPatience(), (client) =>
          this.connections.execute(client, 'select pg_notify($1, job) from unnest($2::text[]) as job', [
            channel,
            sent,
          ]),
        );
      } catch (error) {
        this.onFailure(error);
      }
      await this.pause(gatheringMilliseconds);
    }
    this.sending = null;
  }

  private async keepListening(): Promise<void> {
    while (!this.isClosing()) {
      try {
        await this.listenUntilLost();
      } catch (error) {
        this.onFailure(error);
      }
      await this.pause(reconnectMilliseconds);
    }
  }

  /** Resolves when the connection has ended. @throws what the driver throws when there is no connection. */
  private async listenUntilLost(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'dograh-trigger wake',
      connectionTimeoutMillis: connectMilliseconds,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMilliseconds,
    });
    // Without a listener, a restart of PostgreSQL would end the process.
    client.on('error', this.onFailure);
    client.on('notification', ({ payload }) => {
      const job = jobs.find((name) => name === payload);
      if (job !== undefined) this.tasks.get(job)?.();
    });
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    const disconnect = () => void client.end().catch(this.onFailure);
    this.closing.signal.addEventListener('abort', disconnect);
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      // What was signalled before this connection listened was missed.
      for (const task of this.tasks.values()) task();
      await ended;
    } finally {
      this.closing.signal.removeEventListener('abort', disconnect);
      await client.end();
    }
  }

  /** Ends early when the database is closed. */
  private async pause(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }
}
