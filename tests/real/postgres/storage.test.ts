/** The storage contract on a real PostgreSQL, and what only PostgreSQL can do: restart under load, lose a connection. */
import { Client } from 'pg';
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

test('reads and writes go on after another server has added a column, with statements that were prepared before', async () => {
  const database = await postgres.create(template);
  const storage = await openPostgres(postgres.urlOf(database), { connections: 3 });
  const other = new Client({ connectionString: postgres.urlOf(database) });
  await other.connect();
  try {
    const { builder } = storage.read;
    const read = builder.selectFrom('organizations').selectAll().compile();
    const written = builder.updateTable('organizations').set({ name: 'Same' }).returningAll().compile();
    const useAll = () =>
      Promise.all([storage.read.run(read), storage.write((session) => session.run(written))]);
    // Several times, so that each connection has prepared them.
    for (let times = 0; times < 6; times += 1) await useAll();
    await other.query('alter table organizations add column of_next_version text');
    for (let times = 0; times < 6; times += 1) {
      expect((await useAll()).map(({ changes }) => typeof changes)).toEqual(['number', 'number']);
    }
  } finally {
    await other.end();
    await storage.close();
    await postgres.drop(database);
  }
});
