/** The package as it is published: a copy of its folder, built and packed there, and installed as n8n installs it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const source = join(__dirname, '../../../n8n-node');
const generated = ['dist', 'types', 'node_modules'];
/** What n8n removes from a package's `package.json` before it installs it. */
const removedByN8n = ['devDependencies', 'peerDependencies', 'optionalDependencies'];

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

/** Unpacks the tarball to where n8n looks for community nodes, and does to its `package.json` what n8n does. */
export function installPackage(tarball: string, userFolder: string): void {
  const { name, folder } = unpackPackage(
    tarball,
    join(userFolder, '.n8n/nodes/node_modules/n8n-nodes-dograh'),
  );
  if (name !== 'n8n-nodes-dograh') throw new Error(`The tarball holds ${name}`);
  const path = join(folder, 'package.json');
  const described = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const kept = Object.entries(described).filter(([key]) => !removedByN8n.includes(key));
  writeFileSync(path, JSON.stringify(Object.fromEntries(kept)));
}

export function unpackPackage(tarball: string, folder: string): { name: string; folder: string } {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string };
  return { name, folder };
}
