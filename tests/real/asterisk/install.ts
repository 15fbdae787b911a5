/**
 * Installs a Debian with Asterisk, SIPp and espeak-ng in a cache folder. Asterisk is in few of Debian's releases:
 * https://tracker.debian.org/pkg/asterisk.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installOnce } from '../install-once';

const packages = 'asterisk,sip-tester,espeak-ng';
/** The release of Debian for each value of `ASTERISK_VERSION`. */
const releases = new Map([
  ['current', { suite: 'sid', folder: 'asterisk', size: '600 MB' }],
  ['16', { suite: 'bullseye', folder: 'asterisk-16', size: '435 MB' }],
]);
const sources = '/etc/apt/sources.list.d';
const usualMirror = 'http://deb.debian.org/debian';

/**
 * Installs it once, in about a minute: Debian's current Asterisk, or the version that `ASTERISK_VERSION` names.
 * @returns the folder for chroot. @throws Error with instructions if the installation is not possible on this
 *   machine.
 */
export function installAsterisk(): string {
  const version = process.env.ASTERISK_VERSION ?? 'current';
  const release = releases.get(version);
  if (release === undefined) {
    throw new Error(`ASTERISK_VERSION is '${version}'; it can be ${[...releases.keys()].join(' or ')}`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error('This suite installs a Debian into a folder and changes root into it: run it as root');
  }
  const { suite, folder, size } = release;
  const what = `Debian ${suite} with Asterisk, SIPp and espeak-ng`;
  return installOnce({ folder, what, size }, (partial) => {
    const tools = mkdtempSync(join(tmpdir(), 'debootstrap-'));
    try {
      const debootstrap = findDebootstrap(tools);
      run(
        debootstrap.program,
        ['--variant=minbase', `--include=${packages}`, suite, partial, mirror()],
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
