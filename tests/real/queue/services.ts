/** Starts a Redis and a PostgreSQL for n8n's queue mode, on free ports, in a temporary folder. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort } from '../../support/free-port';
import { until } from '../until';
import { installPostgres, installRedis } from './install';

export interface Services {
  /** The environment variables for n8n in queue mode. */
  environment: Record<string, string>;
  /** Sends a command to Redis and returns its answer. */
  redis(...command: string[]): string;
  stop(): Promise<void>;
}

export async function startServices(): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), 'n8n-queue-services-'));
  const started: ChildProcess[] = [];
  async function stop(): Promise<void> {
    // On SIGINT PostgreSQL stops without waiting for clients.
    await Promise.all(started.map((child) => end(child, 'SIGINT')));
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    const redisPort = await startRedis(folder, started);
    const postgresPort = await startPostgres(folder, started);
    return {
      environment: {
        QUEUE_BULL_REDIS_HOST: '127.0.0.1',
        QUEUE_BULL_REDIS_PORT: redisPort,
        DB_TYPE: 'postgresdb',
        DB_POSTGRESDB_HOST: '127.0.0.1',
        DB_POSTGRESDB_PORT: postgresPort,
        DB_POSTGRESDB_USER: databaseUser,
        DB_POSTGRESDB_DATABASE: 'postgres',
      },
      redis: (...command) => redisCommand(redisPort, command),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const databaseUser = 'n8n';

async function startRedis(folder: string, started: ChildProcess[]): Promise<string> {
  const port = String(await freeTcpPort());
  const program = installRedis();
  const settings = ['--bind', '127.0.0.1', '--port', port, '--save', '', '--dir', folder];
  const child = spawn(program, settings, { stdio: 'ignore' });
  started.push(child);
  await until('Redis is ready', () => succeeds(child, () => redisCommand(port, ['PING'])));
  return port;
}

function redisCommand(port: string, command: string[]): string {
  const programArguments = ['-h', '127.0.0.1', '-p', port, ...command];
  return execFileSync('redis-cli', programArguments, { encoding: 'utf8', stdio: 'pipe' }).trim();
}

async function startPostgres(folder: string, started: ChildProcess[]): Promise<string> {
  const port = String(await freeTcpPort());
  const programs = installPostgres();
  const account = accountForPostgres();
  if (account) chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'postgres');
  const asAccount = { ...account, cwd: folder };
  const initdb = ['--pgdata', data, '--username', databaseUser, '--auth', 'trust', '--no-sync'];
  execFileSync(join(programs, 'initdb'), initdb, { ...asAccount, stdio: 'pipe' });
  const settings = ['-D', data, '-h', '127.0.0.1', '-p', port, '-k', folder, '-c', 'fsync=off'];
  const child = spawn(join(programs, 'postgres'), settings, { ...asAccount, stdio: 'ignore' });
  started.push(child);
  const question = ['-h', '127.0.0.1', '-p', port, '-q'];
  await until('PostgreSQL is ready', () =>
    succeeds(child, () => execFileSync(join(programs, 'pg_isready'), question)),
  );
  return port;
}

/** PostgreSQL refuses to run as root; then it runs as the user of Debian's package. */
function accountForPostgres(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Whether the program is ready. @throws Error when it has ended. */
function succeeds(child: ChildProcess, ask: () => unknown): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${String(child.exitCode)}`);
  try {
    ask();
    return Promise.resolve(true);
  } catch {
    return Promise.resolve(false);
  }
}

/** Ends a program and waits for its end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
