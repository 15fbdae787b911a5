/** Jest's `globalSetup` for the server's own tests on PostgreSQL: one PostgreSQL, and a migrated database to copy. */
import { openPostgres } from '../../../trigger-server/src/storage/postgres/open';
import makeEmptyDatabase from '../../support/empty-database';
import { postgresVariables } from '../../support/test-database';
import { startPostgres, unsafeSettings } from './server';

/** Under this name `whole-end.ts` finds the PostgreSQL to stop: Jest loads each of the two by itself. */
export const startedPostgres = Symbol.for('dograh-trigger tests: PostgreSQL');

export default async function startForAll(): Promise<void> {
  // Some tests are about SQLite whatever the others use.
  await makeEmptyDatabase();
  const postgres = await startPostgres(unsafeSettings);
  Reflect.set(globalThis, startedPostgres, postgres);
  const template = await postgres.create();
  await (await openPostgres(postgres.urlOf(template))).close();
  process.env[postgresVariables.url] = postgres.urlOf('postgres');
  process.env[postgresVariables.template] = template;
}
