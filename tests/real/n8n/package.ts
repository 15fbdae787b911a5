/** The published package: built and packed in a copy of its folder, and installed as in the README. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const root = join(__dirname, '../../..');
const source = join(root, 'n8n-node');
const generated = ['dist', 'types', 'node_modules'];

export interface PackedPackage {
  /** The folder that was packed: sources and `dist`. */
  folder: string;
  /** The `.tgz`. */
  tarball: string;
}

/** @param folder an empty folder for the copy and the tarball. */
export function packPackage(folder: string): PackedPackage {
  const copy = join(folder, 'n8n-node');
  cpSync(source, copy, {
    recursive: true,
    filter: (path) => !generated.includes(relative(source, path).split('/')[0] ?? ''),
  });
  execFileSync(process.execPath, [join(source, 'scripts/bundle.mjs'), join(copy, 'dist')]);
  const packed = execFileSync('npm', ['pack', '--pack-destination', folder, '--silent'], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { folder: copy, tarball: join(folder, packed.trim()) };
}

/** As the README's second line does, where `~` is the user folder. */
export function installPackage(tarball: string, userFolder: string): void {
  const nodes = join(userFolder, '.n8n/nodes');
  mkdirSync(nodes, { recursive: true });
  execFileSync('npm', ['install', '--prefix', nodes, '--legacy-peer-deps', tarball], { stdio: 'pipe' });
}

/** Runs the commands of the README's section Install in a copy of the checkout, with `~` as the user folder. */
export function installAsReadmeSays(userFolder: string): void {
  const readme = readFileSync(join(source, 'README.md'), 'utf8');
  const [, lines = ''] = /\n## Install\n[^#]*?```\n(.*?)```/s.exec(readme) ?? [];
  const checkout = mkdtempSync(join(tmpdir(), 'n8n-checkout-'));
  try {
    copyCheckout(checkout);
    const { PATH, npm_config_cache, npm_config_userconfig } = process.env;
    execFileSync('bash', ['-e', '-o', 'pipefail', '-c', lines], {
      cwd: join(checkout, 'n8n-node'),
      env: { PATH, HOME: userFolder, npm_config_cache, npm_config_userconfig },
      stdio: 'pipe',
    });
  } finally {
    rmSync(checkout, { recursive: true });
  }
}

/** Copies the files of a clone, in their current state. */
function copyCheckout(folder: string): void {
  const listed = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const paths = execFileSync('git', listed, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const path of paths) cpSync(join(root, path), join(folder, path), { recursive: true });
}

export function unpackPackage(tarball: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
}
