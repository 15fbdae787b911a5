/** Several servers on one PostgreSQL: each has its own connections, and all share one clock. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgres } from '../../../trigger-server/src/storage/postgres/open';
import { ManualClock } from '../../support/manual-clock';
import { textInPostgres } from '../../support/test-database';
import { startOnDatabase, type TestServer } from '../../support/test-server';
import { startPostgres, unsafeSettings, type PostgresServer } from './server';

export interface Cluster {
  postgres: PostgresServer;
  /** Starts servers on a new database. @param port where they reach PostgreSQL, if something stands before it. */
  start(count: number, environment?: Record<string, string>, port?: number): Promise<Replicas>;
  stop(): Promise<void>;
}

export interface Replicas {
  /** The address of their database. */
  url: string;
  clock: ManualClock;
  servers: TestServer[];
  close(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const postgres = await startPostgres(unsafeSettings);
  const template = await postgres.create();
  await (await openPostgres(postgres.urlOf(template))).close();
  return {
    postgres,
    async start(count, environment = {}, port) {
      const database = await postgres.create(template);
      const url = postgres.urlOf(database);
      const clock = new ManualClock();
      const servers: TestServer[] = [];
      for (let index = 0; index < count; index += 1) {
        const folder = mkdtempSync(join(tmpdir(), 'replica-'));
        const storage = await openPostgres(throughPort(url, port), { migrate: false, connections: 4 });
        const storedText = () => textInPostgres(url);
        const opened = {
          url,
          file: join(folder, 'none'),
          storage,
          storedText,
          remove: () => Promise.resolve(),
        };
        servers.push(await startOnDatabase(folder, opened, environment, { clock, isAlone: false }));
      }
      return {
        url,
        clock,
        servers,
        async close() {
          for (const server of servers) await server.close();
          await postgres.drop(database);
        },
      };
    },
    stop: () => postgres.stop(),
  };
}

function throughPort(address: string, port: number | undefined): string {
  const url = new URL(address);
  if (port !== undefined) url.port = String(port);
  return url.href;
}

/** The replica with this number, from 0. */
export function replica({ servers }: Replicas, index: number): TestServer {
  const server = servers[index];
  if (server === undefined) throw new Error(`There is no replica ${index}`);
  return server;
}
