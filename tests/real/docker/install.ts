/** What the suite installs: the base image as far as Debian and Node go, and the programs that read the other files. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { installDebian } from '../debian';

/** The base of the Dockerfile's stages. */
export const baseImage = 'node:20.20-bookworm-slim';

/**
 * Debian 12 with this machine's Node and npm where the image `node` has them, and with its user.
 * @returns the folder for chroot.
 */
export function installBase(): string {
  if (!process.version.startsWith('v20.20.'))
    throw new Error('The Dockerfile names Node 20.20: run the suite on it');
  return installDebian({
    folder: 'docker/bookworm-node-20.20',
    what: 'Debian 12 with Node 20.20',
    size: '350 MB',
    suite: 'bookworm',
    // Node's libraries, and the certificates of npm's registry.
    packages: ['ca-certificates', 'libstdc++6'],
    finish(root) {
      // The folder was made for this user alone, and becomes the root of another one.
      chmodSync(root, 0o755);
      const local = join(root, 'usr/local');
      copyFileSync(process.execPath, join(local, 'bin/node'));
      const npm = join(execFileSync('npm', ['root', '--global']).toString().trim(), 'npm');
      mkdirSync(join(local, 'lib/node_modules'), { recursive: true });
      cpSync(npm, join(local, 'lib/node_modules/npm'), { recursive: true });
      symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'));
      execFileSync('chroot', [root, 'useradd', '--create-home', '--uid', '1000', 'node']);
      // A registry may be reached through a certificate that only this machine knows.
      const certificates = '/etc/ssl/certs/ca-certificates.crt';
      copyFileSync(certificates, join(root, certificates));
    },
  });
}

/** Debian's docker-compose and Caddy. @returns the folder with their programs. */
export function installTools(): string {
  const root = installDebian({
    folder: 'docker/trixie-tools',
    what: "Debian's docker-compose and caddy",
    size: '400 MB',
    suite: 'trixie',
    packages: ['docker-compose', 'caddy'],
  });
  return join(root, 'usr/bin');
}
