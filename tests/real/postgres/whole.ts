/** Jest's `globalSetup` for the server's own tests on PostgreSQL: one PostgreSQL, and a migrated database to copy. */
import { openPostgres } from '../../../trigger-server/src/storage/postgres/open';
import makeEmptyDatabase from '../../support/empty-database';
import { postgresVariables } from '../../support/test-database';
import { startPostgres, unsafeSettings } from './server';

export default async function startForAll(): Promise<() => Promise<void>> {
  // Some tests are about SQLite whatever the others use.
  await makeEmptyDatabase();
  const postgres = await startPostgres(unsafeSettings);
  const template = await postgres.create();
  await (await openPostgres(postgres.urlOf(template))).close();
  process.env[postgresVariables.url] = postgres.urlOf('postgres');
  process.env[postgresVariables.template] = template;
  return () => postgres.stop();
}
