/**
 * Our own share of a turn, with 50 talks at once, each turn as a call has it: claimed, loaded from the database, asked of a
 * model over HTTP, and stored with its events. The share is the time from what was heard to the arrival of the request at
 * the model, and from the model's last piece to the reply that is said. What the model takes is not in it. Then 200 talks at
 * once: how long the event loop stops at most, best of three. Prints a table and JSON.
 *
 * `BENCH_ROUNDS` is the number of turns of a talk, `BENCH_TALKS` that of talks at once in place of 50 and 200.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { withProcesses } from './measure.mjs';

const server = createRequire(import.meta.resolve('../../trigger-server/dist/'));
const { createAccount } = server('./accounts/organizations');
const { createAgent } = server('./agents/agents');
const { resolveTrigger } = server('./agents/resolve-trigger');
const { createSystemClock } = server('./clock');
const { createServices } = server('./compose');
const { readConfig } = server('./config');
const { takeTurn } = server('./conversations/talk/take-turn');
const { openSecrets } = server('./open-secrets');
const { openRuns } = server('./runs/open-run');
const { openDatabase } = server('./storage/open');

const turns = Number(process.env.BENCH_ROUNDS ?? 5);
const few = Number(process.env.BENCH_TALKS ?? 50);
const many = Number(process.env.BENCH_TALKS ?? 200);
const shareTarget = 20;
const stallTarget = 250;
/** As long as a reply of the fake model takes. People do not all speak at the same moment. */
const spreadMilliseconds = 700;

const position = { x: 0, y: 0 };
const prompt = 'You are Mia of {{company | Acme}}, and ask for the budget of {{user.name}}. '.repeat(20);
const definition = {
  nodes: [
    {
      id: '1',
      type: 'startCall',
      position,
      data: { name: 'Start', prompt, greeting: 'Hi {{user.name}}.' },
    },
    { id: '2', type: 'endCall', position, data: { name: 'End', prompt: 'Say goodbye.' } },
  ],
  edges: ['Budget known', 'Wrong number', 'Call later'].map((label, index) => ({
    id: `e${index}`,
    source: '1',
    target: '2',
    data: { label, condition: `The callee says: ${label}.` },
  })),
};

/** The server on a new SQLite file, with this model. */
async function openServer(folder, modelUrl) {
  const config = readConfig({
    DATABASE_URL: `file:${join(folder, 'talks.db')}`,
    LLM_BASE_URL: `${modelUrl}/v1`,
    LLM_MODEL: 'bench',
  });
  const storage = await openDatabase(config.database);
  const secrets = await openSecrets(config, storage);
  const log = pino({ level: 'silent' });
  const clock = createSystemClock(0, () => undefined);
  return createServices(config, { storage, secrets, log, clock });
}

/** @returns the organization and its agent. */
async function seed(services) {
  const { organizationId, agentId } = await services.storage.write(async (session) => {
    const made = { email: 'bench@example.com', passwordHash: null, name: 'Bench' };
    const account = await createAccount(services, session, made);
    const agentId = await createAgent(services, session, { ...account, name: 'Bench', definition });
    return { organizationId: account.organizationId, agentId };
  });
  const agent = await resolveTrigger(services, organizationId, { agentId }, 'test');
  return { organizationId, agent };
}

/** The run of an answered call. */
async function openCall({ storage, clock }, { organizationId, agent }) {
  const at = clock.now().toISOString();
  const [runId] = await storage.write((session) =>
    openRuns(session, [
      {
        place: 'nothing',
        run: {
          organization_id: organizationId,
          agent_id: agent.agentId,
          definition_id: agent.definitionId,
          name: 'WR-API-1234',
          mode: 'sandbox',
          trigger_mode: 'production',
          trigger_path: null,
          telephony_configuration_id: 0,
          called_number: '+14155550100',
          caller_number: null,
          initial_context: JSON.stringify({ user: { name: 'Ada' } }),
          created_at: at,
          deadline_at: '9999-12-31T23:59:59.999Z',
          is_recorded: 0,
          language: null,
          voice: null,
          voicemail: null,
          fallback_from: null,
          ignored_fields: null,
          unresolved_variables: null,
          owner: null,
          source: 'api',
          trace: null,
          api_key_id: null,
        },
      },
    ]),
  );
  return { runId, attempt: 1 };
}

/** Holds one talk. @param shares collects, for each turn, our share in milliseconds. */
async function talk(services, call, shares) {
  await takeTurn(services, call, 0, { kind: 'opening' });
  for (let turn = 1; turn <= turns; turn += 1) {
    const heard = process.hrtime.bigint();
    const reply = await takeTurn(services, call, turn, { kind: 'said', text: 'About five hundred.' });
    const said = process.hrtime.bigint();
    // The model says when the request came, and when its last piece left.
    const [came, left] = reply.say.join(' ').match(/\d{10,}/g) ?? [];
    if (left === undefined) throw new Error(`The model did not answer: ${JSON.stringify(reply)}`);
    shares.push(Number(BigInt(came) - heard + (said - BigInt(left))) / 1e6);
  }
}

async function talks(services, seeded, atOnce) {
  const calls = [];
  for (let count = 0; count < atOnce; count += 1) calls.push(await openCall(services, seeded));
  const shares = [];
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await Promise.all(
    calls.map(async (call, index) => {
      await setTimeout((index * spreadMilliseconds) / atOnce);
      await talk(services, call, shares);
    }),
  );
  delay.disable();
  shares.sort((one, other) => one - other);
  return {
    turns: shares.length,
    p50: shares[Math.floor(shares.length * 0.5)],
    p99: shares[Math.floor(shares.length * 0.99)],
    stall: delay.max / 1e6,
  };
}

await withProcesses(async ({ start, folder }) => {
  const { url } = await start('./talking-model.cjs');
  const services = await openServer(folder, url);
  const seeded = await seed(services);
  await talks(services, seeded, few);
  const share = await talks(services, seeded, few);
  const rounds = [];
  for (let round = 0; round < 3; round += 1) rounds.push(await talks(services, seeded, many));
  const best = rounds.reduce((one, other) => (other.stall < one.stall ? other : one));
  await services.background.ended();
  await services.carrier.close();
  await services.storage.close();
  console.table({ [`${few} at once`]: share, [`${many} at once`]: best });
  console.log(JSON.stringify({ benchmark: 'talks', share, many: rounds, shareTarget, stallTarget }));
  if (share.p99 > shareTarget || best.stall > stallTarget) {
    console.error(
      `Target: a share of ${shareTarget} ms at p99, and no stop of the loop beyond ${stallTarget} ms`,
    );
    process.exitCode = 1;
  }
});
