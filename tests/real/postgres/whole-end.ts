/** Jest's `globalTeardown` for the server's own tests on PostgreSQL: stops the PostgreSQL that `whole.ts` started. */
import type { PostgresServer } from './server';
import { startedPostgres } from './whole';

export default async function stopForAll(): Promise<void> {
  await (Reflect.get(globalThis, startedPostgres) as PostgresServer).stop();
}
