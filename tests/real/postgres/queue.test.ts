/**
 * Two servers on one PostgreSQL share a queue: no call is dialled twice, and the pace of an account and the slots hold over
 * both. `QUEUED_CALLS=2000 npm run test:postgres -- --testPathPatterns queue` is the long form.
 */
import { Client } from 'pg';
import { findProvider } from '../../../trigger-server/src/carriers/registry';
import { createAgent, type TestAgent } from '../../support/agents';
import { addCarrier } from '../../support/telephony';
import type { Account } from '../../support/test-server';
import { replica, startCluster, type Cluster, type Replicas } from './replicas';

const calls = Number(process.env.QUEUED_CALLS ?? '100');
const slots = 20;
const callsPerSecond = 10;

let cluster: Cluster;
let replicas: Replicas;
let watcher: Client;
let account: Account;
let agent: TestAgent;

beforeAll(async () => {
  cluster = await startCluster();
}, 600_000);
afterAll(() => cluster.stop());

beforeEach(async () => {
  replicas = await cluster.start(2, { DEFAULT_ORG_CONCURRENCY_LIMIT: String(slots) });
  const server = replica(replicas, 0);
  account = await server.signUp();
  agent = await createAgent(server, account);
  watcher = new Client({ connectionString: replicas.url });
  await watcher.connect();
});
afterEach(async () => {
  await watcher.end();
  await replicas.close();
});

/** Moves the clock, and waits for the work of both servers. */
const advance = (milliseconds: number) =>
  replicas.clock.advance(milliseconds, async () => {
    for (let round = 0; round < 10; round += 1) {
      for (const { storage } of replicas.servers) await storage.quiet();
    }
  });

async function count(): Promise<{ open: number; counter: number; ended: number }> {
  const { rows } = await watcher.query<{ open: number; counter: number; ended: number }>(
    `select (select count(*)::int from runs where completed_at is null and due_at is null) as open,
      (select open_run_count from organizations where id = ${account.organizationId}) as counter,
      (select count(*)::int from runs where status = 'completed') as ended`,
  );
  return rows[0] ?? { open: -1, counter: -1, ended: -1 };
}

test(
  `${String(calls)} queued calls through two servers: each is dialled once, at the pace of its account, within the slots`,
  async () => {
    const server = replica(replicas, 0);
    const paced = await addCarrier(
      server,
      account,
      { provider: 'sandbox', calls_per_second: callsPerSecond } as { provider: string },
      { name: 'Paced' },
    );
    const free = await addCarrier(
      server,
      account,
      { provider: 'sandbox' },
      { name: 'Free', is_default_outbound: true },
    );
    const dials: { runId: number; account: number; at: number }[] = [];
    const sandbox = findProvider('sandbox');
    if (sandbox === undefined) throw new Error('There is no sandbox');
    const placeCall = sandbox.placeCall.bind(sandbox);
    jest.spyOn(sandbox, 'placeCall').mockImplementation((configuration, call, tools) => {
      const at = replicas.clock.steady().getTime();
      dials.push({ runId: call.runId, account: call.configurationId, at });
      return placeCall(configuration, call, tools);
    });

    for (let n = 0; n < calls; n += 1) {
      await replica(replicas, n % 2)
        .request.post(`/api/v1/public/agent/${agent.triggerPath}`)
        .set('X-API-Key', account.apiKey)
        .send({
          phone_number: '+14155550100',
          not_before: '2026-11-23T12:10:00Z',
          telephony_configuration_id: n % 2 === 0 ? paced.id : free.id,
        })
        .expect(202);
    }
    await advance(10 * 60_000);
    let most = 0;
    for (let step = 0; (await count()).ended < calls && step < 20 * calls; step += 1) {
      // Both look at the queue at once, as after a signal.
      await Promise.all(replicas.servers.map(({ dispatcher }) => dispatcher.placeDue()));
      await advance(50);
      const { open, counter } = await count();
      expect(counter).toBe(open);
      most = Math.max(most, open);
    }

    expect(new Set(dials.map(({ runId }) => runId)).size).toBe(calls);
    expect(dials).toHaveLength(calls);
    expect(most).toBeLessThanOrEqual(slots);
    const times = dials.filter((dial) => dial.account === paced.id).map(({ at }) => at);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000 / callsPerSecond);
    expect(await count()).toEqual({ open: 0, counter: 0, ended: calls });
    process.stderr.write(
      `${String(calls)} calls, each dialled once; at most ${String(most)} of ${String(slots)} slots; the shortest pause of the paced account ${String(Math.min(...pauses))} ms.\n`,
    );
  },
  calls * 500 + 300_000,
);
