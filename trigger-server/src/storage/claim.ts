/** Claiming rows: of several processes that look for due work, each gets other rows. */
import { PostgresAdapter, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { Database } from './schema';

/** Locks the selected rows until the write ends, after waiting for other processes that hold them. */
export function locked<Tables, Table extends keyof Tables, Row>(
  db: Kysely<Database>,
  rows: SelectQueryBuilder<Tables, Table, Row>,
): SelectQueryBuilder<Tables, Table, Row> {
  return hasRowLocks(db) ? rows.forUpdate() : rows;
}

/**
 * Locks the selected rows for the statement around them, and passes over those that another process is claiming. SQLite
 * has one writer at a time and needs nothing.
 */
export function unclaimed<Tables, Table extends keyof Tables, Row>(
  db: Kysely<Database>,
  due: SelectQueryBuilder<Tables, Table, Row>,
): SelectQueryBuilder<Tables, Table, Row> {
  return hasRowLocks(db) ? due.forUpdate().skipLocked() : due;
}

function hasRowLocks(db: Kysely<Database>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}
