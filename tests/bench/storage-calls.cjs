/**
 * What a trigger asks of the database, without HTTP and without a carrier: a process that authenticates, resolves agent and
 * route, records the run with its idempotency key and records the outcome, by the functions of the server. With `seed` it
 * creates organizations and prints them. Otherwise a `POST` makes it place calls, `?amount=` of them or for `?duration=` seconds,
 * and replies with their number and the seconds that they took.
 */
const { createServer } = require('node:http');
const { randomUUID } = require('node:crypto');
const { performance } = require('node:perf_hooks');
const { pino } = require('pino');
const server = (file) => require(`../../trigger-server/dist/${file}.js`);
const { createApiKey, findApiKey } = server('accounts/api-keys');
const { createAccount } = server('accounts/organizations');
const { createAgent } = server('agents/agents');
const { findPublishedPathByName } = server('agents/known-agents');
const { resolveTrigger } = server('agents/resolve-trigger');
const { findEarlierRun, keyClaim } = server('calls/idempotency');
const { parseDestination } = server('calls/policy/destination');
const { recordDial } = server('calls/run-course');
const { recordRuns } = server('calls/slots/record-runs');
const { atOnce, noLabels } = server('calls/waiting/schedule');
const { createSystemClock } = server('clock');
const { createServices } = server('compose');
const { readConfig } = server('config');
const { openSecrets } = server('open-secrets');
const { openDatabase } = server('storage/open');
const { createConfiguration } = server('telephony/configurations');
const { resolveOutboundRoute } = server('telephony/outbound-route');

/** As many as connections of the other benchmarks. */
const callsAtOnce = 64;
const organizations = 50;
const lifetimeSeconds = 24 * 60 * 60;
const definition = {
  nodes: [
    {
      id: 'start',
      type: 'startCall',
      position: { x: 0, y: 0 },
      data: { name: 'Start', greeting: 'Hello {{user.name}}' },
    },
    {
      id: 'trigger',
      type: 'trigger',
      position: { x: 0, y: 0 },
      data: { name: 'API Trigger', enabled: true },
    },
  ],
  edges: [],
};

async function open() {
  const config = readConfig(process.env);
  const storage = await openDatabase(config.database);
  const secrets = await openSecrets(config, storage);
  const log = pino({ level: 'silent' });
  return createServices(config, { storage, secrets, log, clock: createSystemClock(0, () => undefined) });
}

/** @returns the key and the trigger of each organization. */
async function seed(services) {
  const callers = [];
  for (let index = 0; index < organizations; index += 1) {
    const caller = await services.storage.write(async (session) => {
      const email = `bench-${index}@example.com`;
      const account = await createAccount(services, session, { email, passwordHash: null, name: 'Bench' });
      const { key } = await createApiKey(services, session, { ...account, name: 'Bench' });
      await createConfiguration(services, session, {
        ...account,
        name: 'Sandbox',
        isDefaultOutbound: true,
        provider: 'sandbox',
        settings: {},
      });
      await createAgent(services, session, { ...account, name: 'Bench', definition });
      return { key, path: await findPublishedPathByName(session, account.organizationId, 'Bench') };
    });
    callers.push(caller);
  }
  return callers;
}

async function placeCall(services, caller) {
  const key = await findApiKey(services, caller.key);
  const organizationId = key.organization_id;
  const idempotent = { key: randomUUID(), requestHash: 'a'.repeat(64), lifetimeSeconds };
  await findEarlierRun(services, organizationId, idempotent);
  const agent = await resolveTrigger(services, organizationId, { triggerUuid: caller.path }, 'production');
  const route = await resolveOutboundRoute(services, organizationId, {});
  const now = services.clock.now();
  const { runId } = await services.storage.writeTogether(recordRuns, {
    wait: null,
    plan: { schedule: atOnce },
    labels: noLabels,
    destination: parseDestination('+14155550100'),
    now,
    callsPerSecond: null,
    isPlacedAgain: false,
    contact: null,
    steadyNow: services.clock.steady(),
    key: keyClaim(services, organizationId, idempotent, atOnce),
    callbackUrl: null,
    run: {
      organization_id: organizationId,
      agent_id: agent.agentId,
      definition_id: agent.definitionId,
      name: 'WR-API-1234',
      mode: route.providerName,
      trigger_mode: 'production',
      trigger_path: caller.path,
      telephony_configuration_id: route.configurationId,
      called_number: '+14155550100',
      caller_number: route.callerNumber,
      fallback_from: null,
      language: null,
      voice: null,
      voicemail: null,
      ignored_fields: null,
      unresolved_variables: null,
      is_recorded: 0,
      initial_context: JSON.stringify({
        user: { name: 'Jane', city: 'Pune' },
        order: { id: 4711, total: 12.5 },
      }),
      created_at: now.toISOString(),
      deadline_at: new Date(services.clock.steady().getTime() + 400_000).toISOString(),
      owner: services.thisProcess.id,
      source: 'api',
      api_key_id: key.id,
      trace: null,
    },
  });
  const placed = { outcome: 'placed', callId: `sandbox-${runId}`, callerNumber: null };
  await services.storage.write((session) =>
    recordDial(services, session, { runId, attempt: 1 }, placed, null),
  );
}

async function placeCalls(services, callers, { amount, duration }) {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  let total = 0;
  const placeInTurn = async () => {
    while (total < amount && seconds() < duration) {
      total += 1;
      await placeCall(services, callers[total % callers.length]);
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, placeInTurn));
  return { total, seconds: seconds() };
}

async function main() {
  const services = await open();
  if (process.argv[2] === 'seed') {
    const callers = await seed(services);
    process.stdout.write(JSON.stringify(callers));
    await services.storage.close();
    process.exit(0);
  }
  const callers = JSON.parse(process.argv[2]);
  const http = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url, 'http://localhost');
    const length = (name) => Number(searchParams.get(name) ?? Infinity);
    const placed = await placeCalls(services, callers, {
      amount: length('amount'),
      duration: length('duration'),
    });
    response.end(JSON.stringify(placed));
  });
  http.listen(0, '127.0.0.1', () => {
    process.stdout.write(`listens on http://127.0.0.1:${http.address().port}\n`);
  });
}

void main();
