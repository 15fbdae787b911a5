/** Rounds of retention, and what the database holds. */
import type { EraseReply, RetentionSettings } from '@dograh-trigger/shared';
import { addOrganizations, runRound } from '../../../trigger-server/src/retention/worker';
import type { Database } from '../../../trigger-server/src/storage/schema';
import type { Account, TestServer } from '../../support/test-server';

export const day = 24 * 60 * 60_000;

/** One round of the worker, without its pauses. */
export async function applyRetention({ services }: TestServer): Promise<void> {
  await addOrganizations(services, 0);
  await runRound(services, () => Promise.resolve(true));
}

export async function keep(
  server: TestServer,
  account: Account,
  settings: Partial<RetentionSettings>,
): Promise<void> {
  await server.request
    .put('/api/v1/organizations/retention')
    .set('Authorization', `Bearer ${account.token}`)
    .send(settings)
    .expect(200);
}

export async function erase(server: TestServer, account: Account, phoneNumber: string): Promise<number> {
  const reply = await server.request
    .post('/api/v1/organizations/erase')
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: phoneNumber })
    .expect(200);
  return (reply.body as EraseReply).erased;
}

/** How many rows a table has. */
export async function countRows({ services }: TestServer, table: keyof Database): Promise<number> {
  const { read } = services.storage;
  const counted = await read.first(
    read.builder
      .selectFrom(table)
      .select((eb) => eb.fn.countAll().as('count'))
      .compile(),
  );
  return Number(counted?.count);
}

/** All rows of all tables as one text, to search for what must be gone. */
export async function everything({ services }: TestServer): Promise<string> {
  const tables = [
    'runs',
    'run_events',
    'call_plans',
    'idempotency_keys',
    'callback_urls',
    'webhook_deliveries',
    'webhook_attempts',
    'awaited_recordings',
    'unwanted_recordings',
  ] as const;
  const { read } = services.storage;
  const rows = await Promise.all(
    tables.map((table) => read.run(read.builder.selectFrom(table).selectAll().compile())),
  );
  return JSON.stringify(rows.map(({ rows: found }) => found));
}
