/** The process: reads the configuration, opens the database, listens, and drains on a stop signal. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino, { type Logger } from 'pino';
import { collectDefaultMetrics } from 'prom-client';
import { createApp } from './app';
import { recordings } from './artifacts/recordings';
import { removals } from './artifacts/removal/worker';
import { createSystemClock, systemChance } from './clock';
import { createServices } from './compose';
import { invalidEnvironment, readConfig, wrongStoreOfRecordings, type Config } from './config';
import { clockFollower, openDatabaseClock } from './database-clock';
import { campaignFeeder } from './calls/campaigns/engine/worker';
import { cancelMilliseconds, connectedCallsEnded } from './calls/carrier/drain';
import { serveRelays } from './calls/carrier/relay/endpoint';
import { followUps } from './calls/follow-ups';
import { following } from './calls/following/following';
import { lateResults } from './calls/following/late-worker';
import { queue } from './calls/queue/dispatcher';
import { recovery } from './calls/resume-calls';
import { slotCheck } from './calls/slots/slot-check';
import { watchdog } from './calls/watchdog';
import { textChats } from './conversations/chat/worker';
import { createExpressServer } from './http/express-server';
import { createMetricsServer } from './http/metrics-page';
import { trackConnections } from './http/open-connections';
import { storeJumpsAtStart, noteJump, readClocks, readJumped } from './jumps';
import { openLogWriter } from './log-writer';
import { describeError } from './describe-error';
import { createMetrics, timeDatabase } from './metrics';
import { listOpenToOthers } from './private-files';
import { privatePaths } from './private-paths';
import { openSecrets } from './open-secrets';
import { seedDemo } from './seed';
import { retention } from './retention/worker';
import type { Lifecycle, Services } from './services';
import { signalHandler, stopSignals } from './stop-signals';
import { holdDatabase } from './storage/sqlite/sole-process';
import { openDatabase } from './storage/open';
import { carrierConnections } from './telephony/connections';
import { deliveries } from './events/deliveries/worker';
import { welcome } from './welcome';
import { heartbeat } from './workers/processes';
import { supervise } from './workers/supervisor';

/** How long requests under way may take after SIGTERM at most, in milliseconds. */
const mostRequestMilliseconds = 20_000;
/**
 * How long a server that stops goes on answering for a load balancer: its replies, 503 among them, close the balancer's
 * connections one by one. A connection that is closed while it is idle might carry the next request already.
 */
const retiringMilliseconds = 2000;
/** How long each of the last steps may take: requests that began late, then the last writes. In milliseconds. */
const closingMilliseconds = 2000;

/** The port of metrics is for programs of this machine: it asks for no token. */
const loopback = '127.0.0.1';

/**
 * The threads that resolve host names, read files and hash passwords. A few slow host names would block all of Node's
 * default of four. Must be set before the first thread is used.
 */
process.env.UV_THREADPOOL_SIZE ??= '16';

/** A SQLite file has one server at a time. PostgreSQL may have several. @returns what lets the next server in. */
async function holdAlone({ database, drainSeconds }: Config, log: Logger): Promise<() => void> {
  if (database.kind === 'postgres') return () => undefined;
  return await holdDatabase(database.file, {
    // The clock jumps of earlier servers are in the database, which is not open yet.
    clock: createSystemClock(0, () => undefined),
    maxWaitMilliseconds: drainSeconds * 1000 + cancelMilliseconds + 3 * closingMilliseconds,
    onWait: () => {
      log.warn('another server process uses the database: waiting for it to end');
    },
  });
}

/** Resolves when the server listens. */
function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
    server.listen(port, host);
  });
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const wrongStore = wrongStoreOfRecordings(config);
  if (wrongStore !== null) throw invalidEnvironment(`ARTIFACTS_DIR: ${wrongStore}`);
  const drainMilliseconds = config.drainSeconds * 1000;
  const requestMilliseconds = Math.min(mostRequestMilliseconds, drainMilliseconds);
  // Standard output is for people: the server's address and how to call it. The log goes to standard error.
  const logWriter = openLogWriter('/dev/stderr');
  const log = pino({ level: config.logLevel }, logWriter);
  process.once('exit', () => {
    logWriter.flush();
  });
  // If standard output is full or closed, its text is lost, but the server goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const releaseDatabase = await holdAlone(config, log);
  const lifecycle: Lifecycle = { draining: false, damage: null };
  const metrics = createMetrics();
  // Memory, CPU, open files and the delay of the event loop. Reading them costs a little, so only where somebody asks.
  if (config.metricsToken !== null || config.metricsPort !== null) {
    collectDefaultMetrics({ register: metrics.registry });
  }
  const storage = await openDatabase(config.database, {
    noteTime: timeDatabase(metrics),
    onDamage: (damage) => {
      lifecycle.damage = damage;
      log.fatal({ error: describeError(damage) }, `no call is placed any more. ${damage.message}`);
    },
    onLost: (error) => {
      log.warn(
        { error: describeError(error) },
        'a connection to the database broke: the next query opens another one',
      );
    },
    onWakeFailure: (error) => {
      log.debug(
        { error: describeError(error) },
        'work was not signalled between the servers of the database: its rounds find it',
      );
    },
  });
  const jumped = await readJumped(storage.read, readClocks());
  const databaseClock = await openDatabaseClock(storage);
  const clock =
    databaseClock ??
    createSystemClock(jumped.sum, (jump, sum) => {
      noteJump(services, jump, sum);
    });
  const secrets = await openSecrets(config, storage);
  const thisProcess = { id: systemChance.uuid(), isAlone: config.database.kind === 'sqlite' };
  const services = createServices(config, { storage, clock, secrets, log, lifecycle, metrics, thisProcess });
  for (const path of listOpenToOthers(privatePaths(config))) {
    log.warn({ path }, 'other users of this machine can read it: close it to them');
  }
  if (databaseClock === null) await storeJumpsAtStart(services, jumped);
  if (config.role === 'worker') {
    log.warn(
      'ROLE=worker: this process serves /api/v1/health and /metrics, and leaves the rest of the API to another one',
    );
  }
  const demo = config.role === 'worker' ? null : await seedDemo(services);
  // These workers end after the requests under way, which need them, or make events due. The jobs below end on the stop signal.
  const needed = await supervise(services, [
    ...(databaseClock === null ? [] : [clockFollower(services, databaseClock)]),
    heartbeat(services),
    recordings(services),
    carrierConnections(services),
  ]);
  const events = await supervise(services, [deliveries(services)]);
  const jobs = await supervise(services, [
    recovery(services),
    watchdog(services),
    slotCheck(services),
    followUps(services),
    following(services),
    lateResults(services),
    textChats(services),
    queue(services),
    campaignFeeder(services),
    removals(services),
    retention(services),
  ]);
  const server = createExpressServer(createApp(services));
  const relays = serveRelays(server, services);
  const connections = trackConnections(server);
  if (config.metricsPort !== null) await listen(createMetricsServer(services), config.metricsPort, loopback);
  await listen(server, config.port, config.host);
  // If no descriptor is left for a connection, only that connection is lost.
  server.on('error', (error) => {
    log.error({ error: describeError(error) }, 'a connection could not be accepted');
  });
  const { port } = server.address() as AddressInfo;
  process.stdout.write(welcome(config, port, demo, process.stdout.isTTY));

  const stop = () => {
    lifecycle.draining = true;
    const stoppedAt = performance.now();
    connections.retire();
    const retired = retirement(services);
    const jobsStopped = jobs.stop(requestMilliseconds);
    // What begins while calls are waited for gets a time of its own.
    const left = () => Math.max(stoppedAt + requestMilliseconds - performance.now(), closingMilliseconds);
    // The server listens until the calls have ended, because a carrier downloads their announcements from it.
    handOver(services)
      .then(() =>
        Promise.all([connectedCallsEnded(services, drainMilliseconds), relays.end(drainMilliseconds)]),
      )
      .then(() => retired)
      .then(() => connections.closeWithin(left()))
      // The recordings worker waits for its downloads, and closing the HTTP client ends them.
      .then(() => Promise.all([jobsStopped, events.stop(left())]))
      .then(() => Promise.all([services.carrier.close(), needed.stop(closingMilliseconds)]))
      .then(() => services.background.ended())
      .then(() => storage.close())
      .then(releaseDatabase)
      .then(
        () => process.exit(0),
        (error: unknown) => {
          fail(error);
        },
      );
  };
  const force = () => process.exit(1);
  const onSignal = signalHandler(log, stop, force, () => performance.now());
  for (const signal of stopSignals) process.on(signal, onSignal);
}

/** A server that is alone has nobody to whom a load balancer could turn, so it stops at once. */
function retirement({ thisProcess, clock }: Pick<Services, 'thisProcess' | 'clock'>): Promise<void> {
  if (thisProcess.isAlone) return Promise.resolve();
  return new Promise((resolve) => clock.after(retiringMilliseconds, resolve));
}

/** Another server of the database takes the connections to carriers over, with the calls that are under way. */
async function handOver({
  thisProcess,
  connectionKeeper,
  log,
}: Pick<Services, 'thisProcess' | 'connectionKeeper' | 'log'>): Promise<void> {
  if (thisProcess.isAlone) return;
  try {
    await connectionKeeper.handOver();
  } catch (error) {
    log.error({ error: describeError(error) }, 'connections could not be offered to another server at once');
  }
}

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
