/** How SQLite finds the rows of a query, for tests that promise that nothing is looked through. */
import type { CompiledQuery } from 'kysely';
import Libsql from 'libsql';

export interface PlanStep {
  /** The table, or its alias. */
  table: string;
  /** The index by which the rows are found; `id` for the table's own key, and null where all rows are looked through. */
  index: string | null;
  /** What narrows the search down, as `column=` or `column<`. */
  by: string[];
}

/** The steps of each query that look for rows. https://www.sqlite.org/eqp.html */
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
