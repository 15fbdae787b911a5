/**
 * A real object store that speaks S3's protocol: Debian's OpenStack Swift with its S3 middleware, on 127.0.0.1, in a
 * Debian of its own (https://docs.openstack.org/swift/latest/middleware.html#s3-compat). It keeps one copy of each object.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { freeTcpPort } from '../../support/free-port';
import { installDebian } from '../debian';
import { until } from '../until';

export const accessKeyId = 'calls:recorder';
export const secretAccessKey = 'a-secret-of-the-tests';

export interface Swift {
  url: string;
  stop(): Promise<void>;
}

const services = ['account', 'container', 'object'] as const;

export async function startSwift(): Promise<Swift> {
  const root = installDebian({
    folder: 'swift-2.30',
    what: 'Debian bookworm with OpenStack Swift',
    size: '520 MB',
    suite: 'bookworm',
    // `python3-ply` stands for a virtual package that `python3-pycparser` needs.
    packages: ['swift-proxy', 'swift-account', 'swift-container', 'swift-object', 'python3-ply'],
  });
  mkdirSync(join(root, 'srv'), { recursive: true });
  const folder = mkdtempSync(join(root, 'srv/swift-'));
  chmodSync(folder, 0o755);
  const inside = join('/srv', basename(folder));
  mkdirSync(join(folder, 'devices/one'), { recursive: true });
  // Swift reads it, and its rings, from one folder only.
  writeFileSync(join(root, 'etc/swift/swift.conf'), '[swift-hash]\nswift_hash_path_suffix = tests\n');
  const started: ChildProcess[] = [];
  const start = (name: string, port: number, rest: string) => {
    const file = `${name}-server.conf`;
    writeFileSync(join(folder, file), `${common(inside, port)}${rest}`);
    // Swift gives a new object its name through /proc/self/fd.
    const script = 'mount --bind /proc "$0/proc" && exec chroot "$0" "$1" "$2"';
    const inNamespace = ['--mount', '--propagation', 'private', 'sh', '-c', script];
    started.push(
      spawn('unshare', [...inNamespace, root, `swift-${name}-server`, join(inside, file)], {
        stdio: 'ignore',
      }),
    );
  };
  for (const name of services) {
    const port = await freeTcpPort();
    makeRing(root, name, port);
    start(
      name,
      port,
      `[pipeline:main]\npipeline = ${name}-server\n[app:${name}-server]\nuse = egg:swift#${name}\n`,
    );
  }
  const port = await freeTcpPort();
  start('proxy', port, proxy);
  const url = `http://127.0.0.1:${String(port)}`;
  await until('Swift answers', () => isThere(`${url}/healthcheck`));
  return {
    url,
    async stop() {
      for (const child of started) child.kill('SIGKILL');
      const running = started.filter((child) => child.exitCode === null && child.signalCode === null);
      await Promise.all(running.map((child) => once(child, 'exit')));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const common = (inside: string, port: number) => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${String(port)}
user = root
workers = 0
swift_dir = /etc/swift
devices = ${inside}/devices
mount_check = false
fallocate_reserve = 0
`;

/** `tempauth` insists on a cache; nobody listens where this one would be, and Swift goes on without it. */
const proxy = `[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache proxy-logging listing_formats s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:9
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_${accessKeyId.replace(':', '_')} = ${secretAccessKey} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
`;

/** Where the objects of a service are: all on one device, behind one port. */
function makeRing(root: string, name: string, port: number): void {
  const builder = `/etc/swift/${name}.builder`;
  const commands = [
    ['create', '4', '1', '0'],
    ['add', `r1z1-127.0.0.1:${String(port)}/one`, '1'],
    ['rebalance'],
  ];
  for (const end of ['builder', 'ring.gz']) rmSync(join(root, `etc/swift/${name}.${end}`), { force: true });
  for (const [command = '', ...rest] of commands) {
    execFileSync('chroot', [root, 'swift-ring-builder', builder, command, ...rest], { stdio: 'pipe' });
  }
}

async function isThere(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
