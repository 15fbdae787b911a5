/** The server's app with a real database file, a real socket and a manual clock. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import request from 'supertest';
import { createApiKey } from '../../trigger-server/src/accounts/api-keys';
import { createAccount } from '../../trigger-server/src/accounts/organizations';
import { openSession } from '../../trigger-server/src/accounts/sign-in/sessions';
import { createApp } from '../../trigger-server/src/app';
import { systemChance } from '../../trigger-server/src/clock';
import { createServices } from '../../trigger-server/src/compose';
import { Dispatcher } from '../../trigger-server/src/calls/queue/dispatcher';
import { FollowUps } from '../../trigger-server/src/calls/follow-ups';
import type { Relays } from '../../trigger-server/src/calls/carrier/relay/relays';
import { serveRelays } from '../../trigger-server/src/calls/carrier/relay/endpoint';
import { readConfig } from '../../trigger-server/src/config';
import { createExpressServer } from '../../trigger-server/src/http/express-server';
import { createSecrets } from '../../trigger-server/src/secrets';
import type { Services } from '../../trigger-server/src/services';
import { createAddressGuard } from '../../trigger-server/src/egress/address-guard';
import { createCarrierHttp } from '../../trigger-server/src/egress/client';
import { speaking } from './wav';
import { ManualClock } from './manual-clock';
import { TappedStorage } from './tapped-storage';
import { isOnPostgres, openTestDatabase, type TestDatabase } from './test-database';

export interface Account {
  token: string;
  apiKey: string;
  organizationId: number;
  userId: number;
}

export interface TestServer {
  services: Services;
  /** The storage of the services, so that a test can intercept it. */
  storage: TappedStorage;
  clock: ManualClock;
  /** Follows up what this server has planned, and at `look` what else is due. */
  followUps: FollowUps;
  /** Places queued calls when they are due, by its alarm. */
  dispatcher: Dispatcher;
  baseUrl: string;
  /** The SQLite file; on PostgreSQL a path where nothing is. */
  databaseFile: string;
  /** Every text in the database as it is stored, for tests that look for one that must not be there. */
  storedText(): Promise<string>;
  /** Simulates a start with another `SECRETS_KEY` (64 hexadecimal digits). */
  changeSecretsKey(keyHex: string): void;
  /** The log lines so far. */
  logLines: string[];
  /** supertest on this server: `request.get('/api/v1/health')`. */
  request: ReturnType<typeof request>;
  /**
   * Creates an organization with a session and an API key. It does not use the route, because hashing a password
   * takes a quarter of a second, and a thousand tests need an organization.
   */
  signUp(): Promise<Account>;
  /** Moves the clock and waits until all due work is written. */
  advance(milliseconds: number): Promise<void>;
  /** The open relays of its calls. */
  relays: Relays;
  /** Ends the timeout for replies of carriers and receivers, which `advance` does not affect. */
  stopWaitingForReplies(): Promise<void>;
  close(): Promise<void>;
}

/** Total timeout of a request to a carrier or a receiver. */
const carrierLimitMilliseconds = 15_000;

export const usualSecretsKey = '5e'.repeat(32);

/** Of `correct horse`. */
const passwordHash = 'scrypt$16384$8$5$eJlzz5Y3avKF4xfRDmA78Q$ZOv0lFpcbemT1gflixTzh5GqgiorMnOJjmQ8fnH442s';

let accounts = 0;

/**
 * @param environment additional environment variables.
 * @param database a SQLite file, of which a copy is opened (default: an empty database).
 */
export async function startTestServer(
  environment: Record<string, string> = {},
  database?: string,
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'trigger-server-'));
  return startOnDatabase(folder, await openTestDatabase(folder, database), environment, {
    clock: new ManualClock(),
    isAlone: true,
  });
}

/**
 * Like {@link startTestServer}, on a database that is open already, which is closed and removed with the server.
 * @param folder of its own, for the recordings.
 * @param process `clock`: two replicas of a database may share one. `isAlone`: whether the database has no other server.
 */
export async function startOnDatabase(
  folder: string,
  { url, file: databaseFile, storage: opened, storedText, remove }: TestDatabase,
  environment: Record<string, string>,
  { clock, isAlone }: { clock: ManualClock; isAlone: boolean },
): Promise<TestServer> {
  const carrierClock = new ManualClock();
  const logLines: string[] = [];
  const storage = new TappedStorage(opened);
  const config = readConfig({
    DATABASE_URL: url,
    SECRETS_KEY: usualSecretsKey,
    ARTIFACTS_DIR: join(folder, 'artifacts'),
    TTS_COMMAND: speaking(1).join(' '),
    ...environment,
  });
  let secrets = createSecrets(usualSecretsKey);
  const addressGuard = createAddressGuard(config.allowedPrivateTargets);
  const services = createServices(config, {
    storage,
    clock,
    thisProcess: { id: systemChance.uuid(), isAlone },
    secrets: new Proxy(secrets, { get: (_, name) => Reflect.get(secrets, name) as unknown }),
    log: pino({ level: 'info' }, { write: (line: string) => void logLines.push(line) }),
    carrier: createCarrierHttp({ addressGuard, clock: carrierClock }),
  });
  // By the alarm alone: a look every second would make a day of the tests' clock long.
  const followUps = new FollowUps(services);
  followUps.start();
  const dispatcher = new Dispatcher(services);
  dispatcher.start();
  const server: Server = createExpressServer(createApp(services));
  const relays = serveRelays(server, services);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const agent = request(baseUrl);

  // A task may start another one. Ten rounds are more than the longest chain.
  const settle = async () => {
    for (let round = 0; round < 10; round += 1) {
      // SQLite: behind the writes that share a commit. PostgreSQL has no such queue, and each write is four round trips.
      if (!isOnPostgres) await opened.write(() => Promise.resolve());
      await storage.quiet();
    }
  };

  return {
    services,
    storage,
    clock,
    followUps,
    dispatcher,
    baseUrl,
    databaseFile,
    storedText,
    changeSecretsKey(keyHex) {
      secrets = createSecrets(keyHex);
    },
    logLines,
    request: agent,
    relays,
    async signUp() {
      accounts += 1;
      const email = `user${String(accounts)}@example.com`;
      return storage.write(async (session) => {
        const made = await createAccount(services, session, { email, passwordHash, name: null });
        const key = await createApiKey(services, session, { ...made, name: 'test' });
        const token = await openSession(services, session, { id: made.userId, email });
        return { ...made, apiKey: key.key, token };
      });
    },
    advance: (milliseconds) => clock.advance(milliseconds, settle),
    stopWaitingForReplies: () => carrierClock.advance(carrierLimitMilliseconds, () => Promise.resolve()),
    async close() {
      relays.cut();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await dispatcher.stop();
      await followUps.stop();
      services.connections.closeAll();
      await services.carrier.close();
      await services.background.ended();
      await storage.close();
      await remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
