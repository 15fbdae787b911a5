/** A separate Asterisk with a telephone network behind its trunk: real programs, on free ports of 127.0.0.1. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { freeTcpPort } from '../../support/free-port';
import { until } from '../until';
import { freeUdpPort, startNetwork, type Network } from './network';
import { end } from './programs';

export const ariUser = { app_name: 'dograh', app_password: 'not-a-secret-of-anybody' };

export interface Pbx {
  /** For `ari_endpoint`. */
  endpoint: string;
  /** Whether an announcement is playing on any channel. */
  isAnnouncing(): Promise<boolean>;
  /** The phones behind its trunk. */
  network: Network;
  /** Gives the ARI user another password. Its open event connections stay. */
  changePassword(password: string): void;
  /** Kills Asterisk with all its calls. */
  crash(): Promise<void>;
  /** Starts it again, as it was. */
  start(): Promise<void>;
  /** Ends everything that was started, and removes its files. */
  close(): Promise<void>;
}

/** @param root the folder of `installAsterisk`. */
export async function startPbx(root: string): Promise<Pbx> {
  const folder = mkdtempSync(join(root, 'tmp', 'asterisk-'));
  const inside = join('/tmp', basename(folder));
  const network = await startNetwork(root, folder, inside);
  const http = await freeTcpPort();
  writeConfiguration(folder, inside, {
    http,
    sip: await freeUdpPort(),
    trunk: network.port,
    nobody: await freeUdpPort(),
  });

  const endpoint = `http://127.0.0.1:${String(http)}`;
  let asterisk: ChildProcess | undefined;

  const pbx: Pbx = {
    endpoint,
    network,
    changePassword(password) {
      writeFileSync(join(folder, 'ari.conf'), ariConfiguration(password));
      const console = ['asterisk', '-C', `${inside}/asterisk.conf`, '-rx', 'module reload res_ari.so'];
      execFileSync('chroot', [root, ...console]);
    },
    async start() {
      // In a separate namespace the mounts end with the process.
      const script =
        'mount --bind /proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" asterisk -f -C "$1"';
      const started = spawn(
        'unshare',
        ['--mount', '--propagation', 'private', 'sh', '-c', script, root, `${inside}/asterisk.conf`],
        { stdio: 'ignore' },
      );
      asterisk = started;
      await until('Asterisk answers', async () => {
        if (started.exitCode !== null) throw new Error(`Asterisk ended (${String(started.exitCode)})`);
        return isReady(endpoint);
      });
    },
    async isAnnouncing() {
      const channels = (await (await ask(endpoint, '/channels')).json()) as { id: string }[];
      const playbacks = await Promise.all(
        channels.map(({ id }) => ask(endpoint, `/playbacks/${id}-announcement`)),
      );
      return playbacks.some(({ ok }) => ok);
    },
    crash: () => end(asterisk),
    async close() {
      await end(asterisk);
      await network.close();
      rmSync(folder, { recursive: true });
    },
  };
  try {
    await pbx.start();
  } catch (error) {
    await pbx.close();
    throw error;
  }
  return pbx;
}

/** @param path below `/ari`. */
function ask(endpoint: string, path: string): Promise<Response> {
  const credentials = Buffer.from(`${ariUser.app_name}:${ariUser.app_password}`).toString('base64');
  return fetch(`${endpoint}/ari${path}`, { headers: { authorization: `Basic ${credentials}` } });
}

async function isReady(endpoint: string): Promise<boolean> {
  try {
    return (await ask(endpoint, '/asterisk/info')).ok;
  } catch {
    return false;
  }
}

function writeConfiguration(
  folder: string,
  inside: string,
  ports: { http: number; sip: number; trunk: number; nobody: number },
): void {
  const own = ['cache', 'db', 'spool', 'spool/recording', 'run', 'log'];
  for (const name of own) mkdirSync(join(folder, name));
  const files: Record<string, string> = {
    'asterisk.conf': `
[directories]
astetcdir => ${inside}
astcachedir => ${inside}/cache
astdbdir => ${inside}/db
astspooldir => ${inside}/spool
astrundir => ${inside}/run
astlogdir => ${inside}/log
`,
    'modules.conf': `
[modules]
autoload=yes
`,
    'http.conf': `
[general]
enabled=yes
bindaddr=127.0.0.1
bindport=${String(ports.http)}
`,
    'ari.conf': ariConfiguration(ariUser.app_password),
    // `absent` is a phone that nobody has registered; nothing listens where `dead` leads to.
    'pjsip.conf': `
[udp]
type=transport
protocol=udp
bind=127.0.0.1:${String(ports.sip)}
[trunk]
type=endpoint
context=from-trunk
disallow=all
allow=ulaw
aors=trunk
[trunk]
type=aor
contact=sip:network@127.0.0.1:${String(ports.trunk)}
[dead]
type=endpoint
context=from-trunk
disallow=all
allow=ulaw
aors=dead
[dead]
type=aor
contact=sip:network@127.0.0.1:${String(ports.nobody)}
[absent]
type=endpoint
context=from-trunk
disallow=all
allow=ulaw
aors=absent
[absent]
type=aor
max_contacts=1
`,
    'extensions.conf': '[from-trunk]\n',
    'logger.conf': '[logfiles]\nmessages => notice,warning,error\n',
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

function ariConfiguration(password: string): string {
  return `
[general]
enabled=yes
[${ariUser.app_name}]
type=user
read_only=no
password=${password}
`;
}
