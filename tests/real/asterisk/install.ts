/** Installs a Debian with Asterisk, SIPp and espeak-ng in a cache folder, because Asterisk is in Debian's sid only. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installOnce } from '../install-once';

const packages = 'asterisk,sip-tester,espeak-ng';
const sources = '/etc/apt/sources.list.d';
const usualMirror = 'http://deb.debian.org/debian';

/**
 * Installs it once, in about a minute.
 * @returns the folder for chroot. @throws Error with instructions if the installation is not possible on this
 *   machine.
 */
export function installAsterisk(): string {
  if (process.getuid?.() !== 0) {
    throw new Error('This suite installs a Debian into a folder and changes root into it: run it as root');
  }
  const asterisk = { folder: 'asterisk', what: 'a Debian with Asterisk, SIPp and espeak-ng', size: '600 MB' };
  return installOnce(asterisk, (partial) => {
    const tools = mkdtempSync(join(tmpdir(), 'debootstrap-'));
    try {
      const debootstrap = findDebootstrap(tools);
      run(
        debootstrap.program,
        ['--variant=minbase', `--include=${packages}`, 'sid', partial, mirror()],
        debootstrap.environment,
      );
    } finally {
      rmSync(tools, { recursive: true });
    }
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
