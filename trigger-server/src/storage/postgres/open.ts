/** PostgreSQL through node-postgres. */
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { Storage } from '../port';
import type { Database } from '../schema';
import { CommitMarks } from './commit-marks';
import { Connections } from './connections';
import { GroupedReads } from './grouped-reads';
import { assertMigrated, migrate } from './migrate';
import { TogetherWrites } from '../together-writes';
import { PostgresWake } from './wake';
import { Writes } from './writes';
import type { NoteTime } from '../timing';

interface OpenOptions {
  /** Whether the database may be migrated to this version's schema; otherwise it must have that schema. */
  migrate?: boolean;
  /** At most so many connections (default 10). */
  connections?: number;
  /** Called when an idle connection breaks. Nothing is lost by it: the next query opens another one. */
  onLost?: (error: Error) => void;
  /** Called when processes could not be woken, or this one cannot be. They find their work in rounds until then. */
  onWakeFailure?: (error: unknown) => void;
  noteTime?: NoteTime;
}

/**
 * Opens the database at `url` (`postgres://user:password@host:5432/name`).
 * @throws Error with a text for people when it cannot be reached within four seconds, or is of another version.
 */
export async function openPostgres(
  url: string,
  {
    migrate: mayMigrate = true,
    connections: max = 10,
    onLost = () => undefined,
    onWakeFailure = () => undefined,
    noteTime,
  }: OpenOptions = {},
): Promise<Storage> {
  const builder = new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  const connections = new Connections(url, max, onLost, noteTime);
  const marks = new CommitMarks(builder, connections);
  try {
    await (mayMigrate ? migrate(connections) : assertMigrated(connections));
    await marks.deleteOld();
  } catch (error) {
    await connections.close();
    throw error;
  }
  const writes = new Writes(builder, connections, marks);
  // Their transactions hold locks that other writes wait for, so they wait for no other write.
  const forMany = new Writes(builder, connections, marks);
  const together = new TogetherWrites((body) => forMany.write(body));
  const wake = new PostgresWake(url, connections, onWakeFailure);
  return {
    read: new GroupedReads(builder, connections),
    tidyUp: () => Promise.resolve(false),
    write: (body) => writes.write(body),
    writeTogether: (body, item) => together.add(body, item),
    wake,
    readTime: () => connections.readTime(),
    close: async () => {
      await Promise.all([writes.close(), forMany.close(), wake.close()]);
      await connections.close();
    },
  };
}
