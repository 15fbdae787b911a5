/** Installs a Debian with packages of its own in a cache folder, for suites that change root into it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installOnce, type Installation } from './install-once';

const sources = '/etc/apt/sources.list.d';
const usualMirror = 'http://deb.debian.org/debian';

export interface DebianInstallation extends Installation {
  /** The release of Debian, such as `bookworm`. */
  suite: string;
  /** Beside the smallest system. debootstrap does not find a package by what it provides, so its real name is needed. */
  packages: readonly string[];
  /** What else belongs into the folder. */
  finish?: (root: string) => void;
}

/**
 * Installs it once, in some minutes.
 * @returns the folder for chroot. @throws Error with instructions if the installation is not possible on this machine.
 */
export function installDebian({ suite, packages, finish, ...installation }: DebianInstallation): string {
  if (process.getuid?.() !== 0) {
    throw new Error('This suite installs a Debian into a folder and changes root into it: run it as root');
  }
  return installOnce(installation, (partial) => {
    const tools = mkdtempSync(join(tmpdir(), 'debootstrap-'));
    try {
      const debootstrap = findDebootstrap(tools);
      run(
        debootstrap.program,
        ['--variant=minbase', `--include=${packages.join(',')}`, suite, partial, mirror()],
        debootstrap.environment,
      );
    } finally {
      rmSync(tools, { recursive: true });
    }
    finish?.(partial);
  });
}

/** The machine's own debootstrap, or Debian's package unpacked in a folder, without installing it. */
function findDebootstrap(tools: string): { program: string; environment: NodeJS.ProcessEnv } {
  const installed = '/usr/sbin/debootstrap';
  if (existsSync(installed)) return { program: installed, environment: process.env };
  run('sh', ['-c', 'cd "$0" && apt-get download debootstrap && dpkg -x debootstrap_*.deb .', tools]);
  return {
    program: join(tools, 'usr/sbin/debootstrap'),
    environment: { ...process.env, DEBOOTSTRAP_DIR: join(tools, 'usr/share/debootstrap') },
  };
}

/** The mirror of this machine's packages. */
function mirror(): string {
  const files = existsSync(sources) ? readdirSync(sources).filter((name) => name.endsWith('.sources')) : [];
  const addresses = files.flatMap((name) => {
    const text = readFileSync(join(sources, name), 'utf8');
    return /^URIs:\s*(\S*debian)\/?\s*$/m.exec(text)?.[1] ?? [];
  });
  return addresses[0] ?? usualMirror;
}

function run(program: string, programArguments: string[], environment = process.env): void {
  try {
    execFileSync(program, programArguments, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout).slice(-2000) : '';
    throw new Error(
      `'${program}' failed. Try 'apt-get update' and 'apt-get install debootstrap' first.\n${said}`,
      { cause: error },
    );
  }
}
