/** Copies a SQLite database while a server uses it, and checks the copy. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import Libsql from 'libsql';
import { makePrivateFile } from '../../private-files';
import { examine } from './examine';
import { isDamage } from './failures';
import { restoreSteps } from './restore';

const busyMilliseconds = 10_000;

export interface BackedUp {
  /** The rows of each table in the copy. */
  rows: Map<string, number>;
  /** The storage keys of the recordings that the copy names. */
  recordings: string[];
}

/**
 * Writes all that is committed now to a new file, readable by its owner only. A server goes on meanwhile.
 * @param target a file that is not there yet.
 * @throws Error with a text for people when the database or the copy is damaged, or the copy lacks rows.
 */
export function backUp(file: string, target: string): BackedUp {
  const source = new Libsql(file);
  try {
    source.pragma(`busy_timeout = ${String(busyMilliseconds)}`);
    const bounds = lastIds(source);
    const before = countUpTo(source, bounds);
    makePrivateFile(target);
    source.prepare('VACUUM INTO ?').run([target]);
    const after = countUpTo(source, bounds);
    makeDurable(target);
    const { damage } = examine(target);
    if (damage.length > 0) throw new Error(`The copy is damaged: ${damage.join('; ')}`);
    return readCopy(target, { bounds, before, after });
  } catch (error) {
    throw isDamage(error) ? new Error(damageMessage(file), { cause: error }) : error;
  } finally {
    source.close();
  }
}

function damageMessage(file: string): string {
  return (
    'The database is damaged, so there is no backup of it. `npm run admin -- doctor` says where. ' +
    `With an earlier backup: ${restoreSteps(file)}`
  );
}

type Counts = Map<string, number>;

function readCopy(
  target: string,
  { bounds, before, after }: { bounds: Counts; before: Counts; after: Counts },
): BackedUp {
  const copy = new Libsql(target);
  try {
    // Rows up to an id only become fewer, so the copy has a number between the two.
    for (const [table, count] of countUpTo(copy, bounds)) {
      const [most = 0, fewest = 0] = [before.get(table), after.get(table)];
      if (count > most || count < fewest) {
        throw new Error(
          `The copy has ${String(count)} rows of ${table}, and the database has ${String(fewest)} to ${String(most)}.`,
        );
      }
    }
    const rows = new Map(
      tablesOf(copy).map((table) => [table, numberOf(copy, `SELECT count(*) FROM "${table}"`)]),
    );
    const recordings = copy
      .prepare('SELECT recording_key FROM runs WHERE recording_key IS NOT NULL')
      .raw()
      .all();
    return { rows, recordings: (recordings as string[][]).map(([key = '']) => key) };
  } finally {
    copy.close();
  }
}

function tablesOf(database: Libsql.Database): string[] {
  const found = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .raw()
    .all();
  return (found as string[][]).map(([name = '']) => name);
}

/** The last id of each table that has ids which ascend. */
function lastIds(database: Libsql.Database): Counts {
  const found = database.prepare('SELECT name, seq FROM sqlite_sequence').raw().all();
  return new Map((found as [string, number][]).map(([name, seq]) => [name, seq]));
}

function countUpTo(database: Libsql.Database, bounds: Counts): Counts {
  return new Map(
    [...bounds].map(([table, last]) => [
      table,
      numberOf(database, `SELECT count(*) FROM "${table}" WHERE id <= ${String(last)}`),
    ]),
  );
}

function numberOf(database: Libsql.Database, query: string): number {
  const [count] = database.prepare(query).raw().get([]) as number[];
  return Number(count);
}

function makeDurable(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
