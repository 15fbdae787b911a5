/** A real n8n in a fresh user folder, with the packed node installed, driven through the API of its own editor. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, openSync, closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort } from '../../support/free-port';
import { until } from '../until';
import { installN8n } from './install';
import { installPackage, packPackage } from './package';

export const owner = { email: 'owner@example.com', password: 'Correct-Horse-1' };
/** The editor sends one per browser; sessions are bound to it. */
const browserId = 'dograh-suite';

export const quiet = {
  N8N_DIAGNOSTICS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
  N8N_TEMPLATES_ENABLED: 'false',
  N8N_DYNAMIC_BANNERS_ENABLED: 'false',
  N8N_HIRING_BANNER_ENABLED: 'false',
  N8N_PERSONALIZATION_ENABLED: 'false',
  N8N_VERIFIED_PACKAGES_ENABLED: 'false',
  N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
  N8N_DISABLED_MODULES: 'mcp-registry,instance-ai,chat-hub,insights',
  EXTERNAL_FRONTEND_HOOKS_URLS: '',
  NO_COLOR: '1',
};

export interface N8n {
  baseUrl: string;
  /** Calls `/rest<path>` as the owner; gives the `data` of the reply. @throws Error with status and reply. */
  rest(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown>;
  /** Returns the reference for a node's `credentials`. */
  createCredential(type: string, data: object, name?: string): Promise<{ id: string; name: string }>;
  /** The bytes of a file in a node's output. @param id the id in the output */
  readFile(id: string): Promise<Buffer>;
  /** Reads a value that n8n has packed with flatted. */
  unpack(text: string): unknown;
  /** The output of n8n so far. */
  log(): string;
  /** Ends the process with this signal, runs the given function, and starts it again with its saved data. */
  restart(signal: 'SIGKILL' | 'SIGTERM', meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param environment more variables for n8n; `N8N_DISABLE_UI: 'false'` for an editor.
 * @param install puts the node into the user folder.
 */
export async function startN8n(
  environment: Record<string, string> = {},
  install: (userFolder: string) => void = installPacked,
): Promise<N8n> {
  const installation = installN8n();
  const folder = mkdtempSync(join(tmpdir(), 'n8n-suite-'));
  mkdirSync(join(folder, 'user'));
  install(join(folder, 'user'));

  const port = String(await freeTcpPort());
  const baseUrl = `http://127.0.0.1:${port}`;
  const logFile = join(folder, 'n8n.log');
  const runsBroker = String(await freeTcpPort());
  const environmentOfN8n = {
    // Without the other variables of this process: with Jest's variables n8n assumes that it runs in its own tests.
    PATH: installation.path,
    HOME: folder,
    ...quiet,
    N8N_USER_FOLDER: join(folder, 'user'),
    N8N_ENCRYPTION_KEY: 'a key of this suite',
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_HOST: '127.0.0.1',
    N8N_PORT: port,
    N8N_PROTOCOL: 'http',
    WEBHOOK_URL: `${baseUrl}/`,
    N8N_RUNNERS_BROKER_PORT: runsBroker,
    N8N_SECURE_COOKIE: 'false',
    N8N_DISABLE_UI: 'true',
    DB_TYPE: 'sqlite',
    // The default of n8n 2. Otherwise n8n 1 saves the end of an execution before its results.
    DB_SQLITE_POOL_SIZE: '3',
    // As n8n 2 has it, too: files have ids.
    N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
    GENERIC_TIMEZONE: 'UTC',
    ...environment,
  };
  let child: ChildProcess;
  const readLog = () => readFileSync(logFile, 'utf8');

  async function launch(): Promise<void> {
    const log = openSync(logFile, 'w');
    child = spawn(installation.program, ['start'], { env: environmentOfN8n, stdio: ['ignore', log, log] });
    closeSync(log);
    await until(
      'n8n is ready',
      async () => {
        if (child.exitCode !== null) throw new Error(`n8n did not start:\n${readLog()}`);
        return (
          readLog().includes('Editor is now accessible') && (await answers(`${baseUrl}/healthz/readiness`))
        );
      },
      120,
    );
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async function restart(signal: NodeJS.Signals): Promise<void> {
    await end(signal);
    await launch();
  }

  async function stop(): Promise<void> {
    await end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await launch();
    const cookie = await signIn(baseUrl);
    const flatted = createRequire(join(installation.folder, 'package.json'))('flatted') as {
      parse(text: string): unknown;
    };
    const asOwner: N8n['rest'] = async (method, path, body) =>
      (await rest(baseUrl, cookie, method, path, body)).data;
    return {
      baseUrl,
      rest: asOwner,
      async createCredential(type, data, name = type) {
        const { id } = (await asOwner('POST', '/credentials', { name, type, data })) as { id: string };
        return { id, name };
      },
      async readFile(id) {
        const query = new URLSearchParams({ id, action: 'download' });
        const reply = await send(baseUrl, cookie, 'GET', `/binary-data?${query.toString()}`);
        return Buffer.from(await reply.arrayBuffer());
      },
      unpack: (text) => flatted.parse(text),
      log: readLog,
      restart,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function installPacked(userFolder: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'n8n-package-'));
  installPackage(packPackage(folder).tarball, userFolder);
  rmSync(folder, { recursive: true });
}

async function signIn(baseUrl: string): Promise<string> {
  const { cookie } = await rest(baseUrl, '', 'POST', '/owner/setup', {
    ...owner,
    firstName: 'Olivia',
    lastName: 'Owner',
  });
  return cookie;
}

async function rest(
  baseUrl: string,
  cookie: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ data: unknown; cookie: string }> {
  const reply = await send(baseUrl, cookie, method, path, body);
  const text = await reply.text();
  const { data } = (text === '' ? {} : JSON.parse(text)) as { data?: unknown };
  return { data, cookie: (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

async function send(
  baseUrl: string,
  cookie: string,
  method: string,
  path: string,
  body?: object,
): Promise<Response> {
  const reply = await fetch(`${baseUrl}/rest${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'browser-id': browserId, cookie },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (reply.ok) return reply;
  throw new Error(`${method} ${path} answered ${String(reply.status)}: ${await reply.text()}`);
}

async function answers(url: string): Promise<boolean> {
  const reply = await fetch(url).catch(() => null);
  return reply?.ok ?? false;
}
