/**
 * SQLite through libsql. Two connections: one reads what is committed, one writes. WAL with `synchronous=FULL`,
 * so a commit that was acknowledged survives a power cut.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { closeFile, makePrivateFile, makePrivateFolder } from '../../private-files';
import { GroupedReads } from './grouped-reads';
import { GroupedWrites } from './grouped-writes';
import { assertMigrated, migrate } from './migrate';
import type { Database } from '../schema';
import { Connection } from './connection';
import type { Storage } from '../port';

interface OpenOptions {
  migrate?: boolean;
  onDamage?: (damage: Error) => void;
}

/**
 * Opens the database in `file`.
 * @param options `migrate`: whether it may be created and changed to this version's schema; else it must have it already;
 *   `onDamage` hears of it, once, when SQLite finds the file damaged, now or later.
 * @throws Error in words, when it is damaged, or of another version.
 */
export function openSqlite(
  file: string,
  { migrate: mayMigrate = true, onDamage = () => undefined }: OpenOptions = {},
): Storage {
  if (mayMigrate) {
    makePrivateFolder(dirname(file));
    makePrivateFile(file);
    // SQLite gives the files beside it the mode of the database; these are of a server that was killed.
    for (const beside of filesBeside(file)) closeFile(beside);
  } else if (!existsSync(file)) {
    throw new Error(`There is no database ${file}: is DATABASE_URL right?`);
  }
  return open(file, mayMigrate, once(onDamage));
}

/** Damage is met again and again; it is told the first time. */
function once(tell: (damage: Error) => void): (damage: Error) => void {
  let isTold = false;
  return (damage) => {
    if (isTold) return;
    isTold = true;
    tell(damage);
  };
}

/** Where SQLite keeps what is not yet in the database file itself. */
export function filesBeside(file: string): string[] {
  return [`${file}-wal`, `${file}-shm`];
}

function open(file: string, mayMigrate: boolean, onDamage: (damage: Error) => void): Storage {
  const builder = new Kysely<Database>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  const writer = new Connection(file, builder, { onDamage });
  try {
    if (mayMigrate)
      writer.patiently(() => {
        migrate(file, writer);
      });
    else assertMigrated(file, writer);
  } catch (error) {
    writer.close();
    throw error;
  }
  const reads = new GroupedReads(new Connection(file, builder, { onDamage, readOnly: true }));
  const writes = new GroupedWrites(writer);
  return {
    read: reads,
    write: (body) => writes.write(body),
    close: async () => {
      await writes.close();
      reads.close();
    },
  };
}
