/**
 * Keeps addresses that tenants supply out of the operator's own network. It works on the resolved address at connect
 * time, so a name that resolves differently after an earlier check does not get through (DNS rebinding).
 */
import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { createTurns } from '../turns';

/**
 * The IANA special-purpose registries: loopback, private, link-local, shared, documentation, multicast, reserved. Also
 * 168.63.129.16, the address of the host of every machine in Azure
 * (https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16).
 */
const internal = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  internal.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  internal.addSubnet(network, prefix, 'ipv6');
}

const refusedCode = 'ETARGETREFUSED';
/** Names of this machine itself: those of RFC 6761, 6.3, and of Debian's /etc/hosts. */
const loopbackName = /^(?:(?:.+\.)?localhost|localhost\.localdomain|ip6-localhost|ip6-loopback)\.?$/;
const loopbackAddresses = ['127.0.0.1', '::1'];

/**
 * A name whose DNS servers never answer holds a thread of libuv's pool for half a minute. Names that tenants choose get
 * at most this many threads, so that look-ups of carriers are never blocked.
 */
const tenantLookups = createTurns({ atOnce: 6 });

type AllFound = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

function resolveInTurn(hostname: string, options: LookupOptions, callback: AllFound): void {
  void tenantLookups.run(
    () =>
      new Promise<void>((done) => {
        resolve(hostname, { ...options, all: true }, (error, addresses) => {
          done();
          callback(error, addresses);
        });
      }),
  );
}

export interface AddressGuard {
  /** Whether a connection to this IP address is allowed. */
  allows(address: string): boolean;
  /**
   * Whether a host is refused for certain, without a look-up: an internal IP address, or a name of this machine.
   * @param hostname of a WHATWG URL, which normalises every spelling of an IPv4 address: `0x7f.1` becomes 127.0.0.1.
   */
  refuses(hostname: string): boolean;
  /** Like `dns.lookup`, but returns allowed addresses only. It fails with code `ETARGETREFUSED` when there is none. */
  lookup: LookupFunction;
}

/**
 * @param allowed internal IP addresses, or networks in CIDR notation, that connections may reach.
 * @throws Error for an entry that is neither.
 */
export function createAddressGuard(allowed: readonly string[]): AddressGuard {
  const exceptions = new BlockList();
  for (const entry of allowed) {
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const family = isIP(address);
    const wholeAddress = family === 4 ? 32 : 128;
    const bits = Number(prefix ?? wholeAddress);
    if (family === 0 || bits > wholeAddress) {
      throw new Error(`'${entry}' is neither an IP address nor a network such as 10.0.0.0/8`);
    }
    exceptions.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
  const allows = (address: string): boolean => {
    const family = isIP(address);
    if (family === 0) return false;
    const type = family === 4 ? 'ipv4' : 'ipv6';
    return exceptions.check(address, type) || !internal.check(address, type);
  };
  return {
    allows,
    refuses(hostname) {
      const address = hostname.replace(/^\[|\]$/g, '');
      if (isIP(address) !== 0) return !allows(address);
      return loopbackName.test(hostname.toLowerCase()) && !loopbackAddresses.some(allows);
    },
    lookup(hostname, options, callback) {
      resolveInTurn(hostname, options, (error, addresses) => {
        const permitted = error === null ? addresses.filter(({ address }) => allows(address)) : [];
        const [first] = permitted;
        if (error !== null) callback(error, '', 0);
        else if (first === undefined) callback(refusedTarget(), '', 0);
        else if (options.all === true) callback(null, permitted);
        else callback(null, first.address, first.family);
      });
    },
  };
}

/** Whether a connection failed because the guard refused its address. */
export function isRefusedTarget(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === refusedCode;
}

/** The error of a connection that the guard refused. */
export function refusedTarget(): NodeJS.ErrnoException {
  return Object.assign(
    new Error(
      'This address leads into a private network; the operator allows some by ALLOWED_PRIVATE_TARGETS',
    ),
    { code: refusedCode },
  );
}
