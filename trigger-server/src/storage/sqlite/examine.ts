/** Examines every page of a SQLite file without changing it. That takes long, so a running server does not do it. */
import Libsql from 'libsql';
import { isDamage } from './failures';
import { migrations } from '../migrations/history';

export interface Examination {
  /** SQLite's messages about damage. */
  damage: string[];
  /** Migrations that this version does not know. */
  unknown: string[];
  /** Migrations that the next start will apply. */
  missing: string[];
}

export function examine(file: string): Examination {
  const database = new Libsql(file);
  const texts = (query: string) =>
    (database.prepare(query).raw().all() as unknown[][]).map((values) => values.map(String).join(' '));
  try {
    database.pragma('query_only = ON');
    const damage = [
      ...texts('PRAGMA quick_check').filter((line) => line !== 'ok'),
      ...texts('PRAGMA foreign_key_check').map((line) => `a row points to one that is not there: ${line}`),
    ];
    const applied = new Set(texts('SELECT name FROM schema_migrations'));
    const known = new Set(migrations.map(({ name }) => name));
    return {
      damage,
      unknown: [...applied].filter((name) => !known.has(name)),
      missing: [...known].filter((name) => !applied.has(name)),
    };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { damage: [error.message], unknown: [], missing: [] };
  } finally {
    database.close();
  }
}
