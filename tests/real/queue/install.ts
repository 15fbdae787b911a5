/** Installs Debian's Redis and PostgreSQL on this machine, if they are missing. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { announce } from '../install-once';

const redis = '/usr/bin/redis-server';
const postgresVersions = '/usr/lib/postgresql';

/** Returns the program. @throws Error with apt's output if it cannot be installed. */
export function installRedis(): string {
  if (!existsSync(redis)) installFromDebian('redis-server', '7 MB');
  return redis;
}

/**
 * Returns the folder of the programs of the newest version. @throws Error with apt's output if it cannot be
 * installed.
 */
export function installPostgres(): string {
  if (!existsSync(postgresVersions)) installFromDebian('postgresql', '60 MB');
  const [newest] = readdirSync(postgresVersions).sort((a, b) => Number(b) - Number(a));
  return join(postgresVersions, newest ?? '', 'bin');
}

function installFromDebian(packageName: string, size: string): void {
  announce(`Debian’s ${packageName}`, 'this machine', size);
  try {
    execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', packageName], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).slice(-2000) : '';
    throw new Error(
      `${packageName} could not be installed: this takes Debian and root. Try 'apt-get update' first.\n${said}`,
      { cause: error },
    );
  }
}
