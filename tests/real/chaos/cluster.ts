/** Two server processes behind a load balancer, on one PostgreSQL, with a carrier and a receiver of events. */
import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { CallCompletedEvent } from '@dograh-trigger/shared';
import { freeTcpPort } from '../../support/free-port';
import type { Random } from '../../support/seeded-random';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { accountSid, authToken } from '../../support/vendors/twilio';
import { receiversAllowed, startReceiver, type Receiver } from '../../support/webhooks';
import { installFaketime } from '../clocks/install';
import { startPostgres, type PostgresServer } from '../postgres/server';
import { startBalancer, type Balancer } from './balancer';
import { layCable, type Cable } from '../postgres/cable';
import { Callers } from './callers';
import { Phones } from './phones';
import { Watch } from './watch';

const apiKey = `dgr_${'c'.repeat(43)}`;
/** How many calls may be under way. */
export const slots = 20;
const longestAimMilliseconds = 60_000;

/** The machine itself goes on, so nothing must reach its disk: what a process has written survives the process. */
const postgresSettings = { fsync: 'off', full_page_writes: 'off' };

/** Runs a program that finds another boot id. The file with it is the next argument. Linux asks for root, or a namespace. */
const withBootId = [
  'unshare',
  ...(userInfo().uid === 0 ? [] : ['--map-root-user']),
  '--mount',
  'sh',
  '-c',
  'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"',
];

/** A server, as on a machine of its own: it has a boot id and a wall clock of its own. */
interface Server {
  port: number;
  cable: Cable;
  logFile: string;
  bootFile: string;
  clockFile: string;
  process: ServerProcess | null;
}

/** What a cluster is made of. */
interface Parts {
  folder: string;
  postgres: PostgresServer;
  servers: Server[];
  balancer: Balancer;
  phones: Phones;
  receiver: Receiver;
  watch: Watch;
}

export class Cluster {
  readonly phones: Phones;
  readonly watch: Watch;
  readonly postgres: PostgresServer;
  callers!: Callers;
  /** Servers that ended by themselves. */
  readonly deaths: string[] = [];
  /** Times in which a server did not work although nothing had befallen it. */
  readonly standstills: string[] = [];
  /** Runs that were recorded, and whose server was paused before it dialled, for so long that it may not dial any more. */
  readonly heldUp = new Set<number>();
  private triggerPath = '';

  private constructor(
    private readonly parts: Parts,
    private readonly database: string,
  ) {
    this.phones = parts.phones;
    this.watch = parts.watch;
    this.postgres = parts.postgres;
  }

  static async open(random: Random): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
    const postgres = await startPostgres(postgresSettings);
    const database = await postgres.create();
    const url = postgres.urlOf(database);
    const servers: Server[] = [];
    for (const name of ['one', 'two']) {
      const cable = await layCable(Number(new URL(url).port));
      servers.push({
        port: await freeTcpPort(),
        cable,
        logFile: join(folder, `${name}.log`),
        bootFile: join(folder, `${name}.boot`),
        clockFile: join(folder, `${name}.clock`),
        process: null,
      });
    }
    const ports = servers.map(({ port }) => port);
    const balancer = await startBalancer(await freeTcpPort(), ports);
    const phones = await Phones.start(random);
    const receiver = await startReceiver();
    const watch = new Watch(url);
    const parts = { folder, postgres, servers, balancer, phones, receiver, watch };
    const cluster = new Cluster(parts, database);
    try {
      for (const index of servers.keys()) cluster.changeMachine(index, 0);
      await cluster.start(0);
      await cluster.prepare();
      await cluster.start(1);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    const callbackUrl = receiver.url;
    const triggerUrl = cluster.triggerUrl();
    cluster.callers = new Callers({ random, apiKey, callbackUrl, triggerUrl });
    return cluster;
  }

  /** The logs of the servers, in this folder, are kept if `keepLogs`. */
  async close(keepLogs = false): Promise<void> {
    const { servers, balancer, phones, receiver, watch, postgres, folder } = this.parts;
    for (const { process } of servers) process?.child.kill('SIGCONT');
    for (const server of servers) await this.end(server, 'SIGKILL');
    await phones.close();
    await receiver.close();
    await balancer.close();
    await watch.close();
    for (const { cable } of servers) await cable.close();
    await postgres.stop();
    if (!keepLogs) rmSync(folder, { recursive: true });
  }

  get folder(): string {
    return this.parts.folder;
  }

  /** @param server by default the balancer. */
  triggerUrl(server?: number): string {
    const base =
      server === undefined
        ? this.parts.balancer.url
        : `http://127.0.0.1:${String(this.serverAt(server).port)}`;
    return `${base}${this.triggerPath}`;
  }

  /** Whether a server, or any, waits for the carrier's reply to a dial: it will have to write what became of it. */
  isDialling(server?: number): boolean {
    const numbers = this.phones.numbersBeingDialled();
    if (server === undefined) return numbers.size > 0;
    const keys = this.parts.balancer.underWayAt(server);
    return this.callers.calls.slice(-500).some(({ key, to }) => keys.has(key) && numbers.has(to));
  }

  async start(index: number): Promise<void> {
    const server = this.serverAt(index);
    const { logFile, port, cable, bootFile, clockFile } = server;
    const log = openSync(logFile, 'a');
    const started = await startServerProcess(
      {
        ...receiversAllowed,
        PORT: String(port),
        DATABASE_URL: `postgres://postgres@127.0.0.1:${String(cable.port)}/${this.database}`,
        SECRETS_KEY: '5'.repeat(64),
        BOOTSTRAP_API_KEY: apiKey,
        TWILIO_API_BASE_URL: this.phones.origin,
        PUBLIC_BASE_URL: this.parts.balancer.url,
        DEFAULT_ORG_CONCURRENCY_LIMIT: String(slots),
        KEY_REQUESTS_PER_SECOND: '0',
        ADDRESS_REQUESTS_PER_SECOND: '0',
        ARTIFACTS_DIR: join(this.parts.folder, 'artifacts'),
        LOG_LEVEL: 'info',
        LD_PRELOAD: installFaketime(),
        FAKETIME_TIMESTAMP_FILE: clockFile,
        FAKETIME_CACHE_DURATION: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
      { logFile: log, within: [...withBootId, bootFile] },
    );
    closeSync(log);
    started.child.once('exit', (code, signal) => {
      if (server.process === started) {
        this.deaths.push(`a server ended by itself with ${String(code ?? signal)}: see ${logFile}`);
      }
    });
    server.process = started;
  }

  async stop(index: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.end(this.serverAt(index), signal);
  }

  /** Stops a server as if its machine hung, or lets it go on. */
  pause(index: number, isPaused: boolean): void {
    this.serverAt(index).process?.child.kill(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }

  /**
   * Pauses a server when PostgreSQL has committed a call of it, before the server learns of it and dials.
   * @returns the runs that the server has not dialled; none: there was no such moment within a minute.
   */
  async pauseBeforeDial(index: number): Promise<number[]> {
    const { balancer, servers } = this.parts;
    const newest = await this.watch.newestRun();
    const deadline = performance.now() + longestAimMilliseconds;
    let found: number[] = [];
    await servers[index]?.cable.watchCommits(async () => {
      const keys = balancer.underWayAt(index);
      const others = balancer.underWayAt(1 - index);
      const isOwn = ({ key }: { key: string }) => keys.has(key) && !others.has(key);
      const own = new Set(this.callers.calls.filter(isOwn).map(({ to }) => to));
      const undialled = await this.watch.undialledRuns(newest);
      found = undialled.filter(({ to }) => own.has(to)).map(({ id }) => id);
      if (found.length > 0) this.pause(index, true);
      return found.length > 0 || performance.now() > deadline;
    });
    return found;
  }

  /** From now on, or no longer, the load balancer loses every second reply. @returns how many it has lost so far. */
  loseReplies(areLost: boolean): number {
    this.parts.balancer.loseReplies(areLost);
    return this.parts.balancer.lostReplies();
  }

  cut(index: number): void {
    this.serverAt(index).cable.cut();
  }

  /** @param seconds how far the wall clock of a server is ahead of the true time. */
  setClock(index: number, seconds: number): void {
    writeFileSync(this.serverAt(index).clockFile, `+${String(seconds)}\n`);
  }

  /** The next start of this server is on another machine. @param seconds as of `setClock`. */
  changeMachine(index: number, seconds: number): void {
    writeFileSync(this.serverAt(index).bootFile, `${randomUUID()}\n`);
    this.setClock(index, seconds);
  }

  /** The run and the delivery id of each event that arrived. */
  events(): { run: number; delivery: string }[] {
    return this.parts.receiver.requests.map(({ headers, body }) => {
      const { data } = JSON.parse(body.toString()) as CallCompletedEvent;
      return { run: data.id, delivery: String(headers['webhook-id']) };
    });
  }

  private serverAt(index: number): Server {
    const server = this.parts.servers[index];
    if (server === undefined) throw new Error(`There is no server ${String(index)}`);
    return server;
  }

  private async end(server: Server, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { process } = server;
    server.process = null;
    await process?.stop(signal);
  }

  /** A carrier account, a number of it, and an agent. */
  private async prepare(): Promise<void> {
    const output = this.serverAt(0).process?.output ?? '';
    this.triggerPath = /production {2}POST \S+?(\/api\/v1\/\S+)/.exec(output)?.[1] ?? '';
    const configurations = '/api/v1/organizations/telephony-configs';
    const { id } = (await this.send('POST', configurations, {
      name: 'Carrier',
      is_default_outbound: true,
      config: { provider: 'twilio', account_sid: accountSid, auth_token: authToken },
    })) as { id: number };
    await this.send('POST', `${configurations}/${String(id)}/phone-numbers`, { address: '+14155550123' });
    await this.send('PUT', '/api/v1/workflow/1', {
      workflow_configurations: { ring_timeout_seconds: 5, max_call_duration: 1 },
    });
    await this.send('POST', '/api/v1/workflow/1/publish');
  }

  private async send(method: string, path: string, body?: object): Promise<unknown> {
    const reply = await fetch(`http://127.0.0.1:${String(this.serverAt(0).port)}${path}`, {
      method,
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${String(reply.status)} ${await reply.text()}`);
    return reply.json();
  }
}
