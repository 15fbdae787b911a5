/** The storage contract on a real PostgreSQL, and what only PostgreSQL can do: restart under load, lose a connection. */
import { openPostgres } from '../../../trigger-server/src/storage/postgres/open';
import { storageContract } from '../../contracts/storage';
import { postgresVersion, startPostgres, unsafeSettings, type PostgresServer } from './server';

let postgres: PostgresServer;
let template: string;

beforeAll(async () => {
  postgres = await startPostgres(unsafeSettings);
  template = await postgres.create();
  await (await openPostgres(postgres.urlOf(template))).close();
}, 600_000);

afterAll(() => postgres.stop());

storageContract(`PostgreSQL ${postgresVersion}`, async () => {
  const database = await postgres.create(template);
  return {
    open: () => openPostgres(postgres.urlOf(database)),
    remove: () => postgres.drop(database),
  };
});
