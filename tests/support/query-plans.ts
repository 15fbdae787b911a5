/** Reads SQLite's query plans, for tests that exclude table scans. */
import type { CompiledQuery } from 'kysely';
import Libsql from 'libsql';

export interface PlanStep {
  /** The table, or its alias. */
  table: string;
  /** The index of the search; `id` for the primary key, and null for a scan of all rows. */
  index: string | null;
  /** The constraints of the search, as `column=` or `column<`. */
  by: string[];
}

/** The steps of each query that search for rows. https://www.sqlite.org/eqp.html */
export function plansOf(databaseFile: string, queries: readonly CompiledQuery[]): PlanStep[][] {
  const database = new Libsql(databaseFile);
  try {
    return queries.map(({ sql, parameters }) => {
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[];
      return plan.flatMap(({ detail }) => stepOf(detail) ?? []);
    });
  } finally {
    database.close();
  }
}

/** `SEARCH runs USING INDEX runs_by_agent (agent_id=? AND id<?)`, or `SCAN runs`; undefined for steps of other kinds. */
function stepOf(detail: string): PlanStep | undefined {
  const [, how, table = '', key, index, by = ''] =
    /^(SEARCH|SCAN) (\S+)(?: USING (?:(INTEGER PRIMARY KEY)|.*?INDEX (\S+)))?(?: \((.*)\))?/.exec(detail) ??
    [];
  if (how === undefined) return undefined;
  return {
    table,
    index: how === 'SCAN' ? null : key === undefined ? (index ?? null) : 'id',
    by: by === '' ? [] : by.split(' AND ').map((condition) => condition.replace(/\?$/, '')),
  };
}
