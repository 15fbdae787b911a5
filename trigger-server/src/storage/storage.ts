/** The port to the database: reads, and writes that are grouped into few commits. */
import type { CompiledQuery, Kysely } from 'kysely';
import type { Database } from './schema';

export type BindValue = string | number | null;

export interface QueryOutcome<Row> {
  rows: Row[];
  /** How many rows an update or delete changed. */
  changes: number;
}

/** Where a query runs: on the last committed state, or inside one write. */
export interface Session {
  /** Builds queries in this database's dialect; it never runs them. */
  readonly builder: Kysely<Database>;
  run<Row>(query: CompiledQuery<Row>): Promise<QueryOutcome<Row>>;
  /** The first row alone, which costs a driver less than a list of one. */
  first<Row>(query: CompiledQuery<Row>): Promise<Row | undefined>;
}

export interface Storage {
  /** Sees what is committed when it runs, which is within a turn of the event loop; never a write under way. */
  readonly read: Session;
  /**
   * Runs `body` as a transaction of its own and resolves once that is durable. Bodies that come close together share
   * one commit (and its fsync); what one that throws has changed is rolled back alone.
   * A body awaits nothing but its session's queries: waiting for a network inside a transaction is refused. It may be
   * run again, when another has spoilt the transaction that they shared, so it does nothing but its queries either.
   */
  write<Result>(body: (session: Session) => Promise<Result>): Promise<Result>;
  /** Waits for the writes under way, then closes. */
  close(): Promise<void>;
}
