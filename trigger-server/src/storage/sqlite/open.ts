/**
 * SQLite through libsql, with one connection for reads and one for writes. WAL with `synchronous=FULL`, so that an
 * acknowledged commit survives a power cut.
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
import type { NoteTime } from '../timing';
import { tidyUp } from './free-space';
import { TogetherWrites } from '../together-writes';

interface OpenOptions {
  migrate?: boolean;
  onDamage?: (damage: Error) => void;
  noteTime?: NoteTime;
}

/**
 * Opens the database in `file`.
 * @param options `migrate`: whether the database may be created and migrated to this version's schema; otherwise it
 *   must have that schema. `onDamage`: called once when SQLite finds the file damaged, now or later.
 * @throws Error with a text for people when it is damaged or of another version.
 */
export function openSqlite(
  file: string,
  { migrate: mayMigrate = true, onDamage = () => undefined, noteTime }: OpenOptions = {},
): Storage {
  if (mayMigrate) {
    makePrivateFolder(dirname(file));
    makePrivateFile(file);
    // SQLite creates these files with the mode of the database. Those of a killed server may have another mode.
    for (const beside of filesBeside(file)) closeFile(beside);
  } else if (!existsSync(file)) {
    throw new Error(`There is no database ${file}: is DATABASE_URL right?`);
  }
  return open(file, mayMigrate, once(onDamage), noteTime);
}

/** SQLite reports damage at every query; only the first report is passed on. */
function once(report: (damage: Error) => void): (damage: Error) => void {
  let isReported = false;
  return (damage) => {
    if (isReported) return;
    isReported = true;
    report(damage);
  };
}

/** SQLite's files for changes that are not in the database file yet. */
export function filesBeside(file: string): string[] {
  return [`${file}-wal`, `${file}-shm`];
}

function open(
  file: string,
  mayMigrate: boolean,
  onDamage: (damage: Error) => void,
  noteTime: NoteTime | undefined,
): Storage {
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
      writer.withLongWait(() => {
        migrate(file, writer);
      });
    else assertMigrated(file, writer);
  } catch (error) {
    writer.close();
    throw error;
  }
  const reads = new GroupedReads(new Connection(file, builder, { onDamage, readOnly: true }), noteTime);
  const writes = new GroupedWrites(writer, noteTime);
  const together = new TogetherWrites((body) => writes.write(body));
  return {
    read: reads,
    write: (body) => writes.write(body),
    tidyUp: async () => (await writes.between(tidyUp)) ?? false,
    writeTogether: (body, item) => together.add(body, item),
    close: async () => {
      await writes.close();
      reads.close();
    },
  };
}
