/** Where a request comes from: used for limits, never for access rights. */
import { isIP } from 'node:net';
import type { Request } from 'express';

export interface Caller {
  /**
   * An IPv4 address, or the /64 network of an IPv6 address: one subscriber owns a whole /64 and may use any address of
   * it.
   */
  address: string;
  /**
   * Whether the request seems to come from this machine. Behind a proxy or a tunnel every request comes from loopback.
   */
  isLocal: boolean;
}

/** Headers that proxies and tunnels add (RFC 7239; RFC 9110, 7.6.3; nginx; Cloudflare). */
const forwardingHeaders = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'forwarded',
  'via',
  'x-real-ip',
  'cf-connecting-ip',
];

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** `request.ip` respects Express' `trust proxy` setting, which TRUST_PROXY sets. */
export function callerOf(request: Request): Caller {
  return {
    address: subscriber(request.ip ?? '') ?? subscriber(request.socket.remoteAddress ?? '') ?? '',
    isLocal: isLocal(request),
  };
}

/** {@link Caller.isLocal} alone, which costs less than the whole caller. */
export function isLocal({ headers, socket }: Request): boolean {
  return (
    isLoopback(plainAddress(socket.remoteAddress ?? '')) &&
    // An ssh tunnel and nginx with its default settings add no such header, but their Host header shows the name that
    // was called.
    loopbackHost.test(headers.host ?? '') &&
    forwardingHeaders.every((name) => headers[name] === undefined)
  );
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** The address without port (some proxies append it), brackets, zone, and the prefix of an IPv4-mapped IPv6 address. */
function plainAddress(text: string): string {
  const [, bracketed, withPort] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return (bracketed ?? withPort ?? text).replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '');
}

/** Undefined for a text that is not an address: a proxy may write `unknown`. */
function subscriber(text: string): string | undefined {
  const address = plainAddress(text);
  const family = isIP(address);
  if (family === 0) return undefined;
  return family === 4 ? address : `${networkOf(address)}::/64`;
}

/** The first four groups of an IPv6 address (RFC 4291, 2.2). */
function networkOf(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end stands for two groups.
  const groupsAfter = after.length + (address.includes('.') ? 1 : 0);
  const zeros = Array<string>(Math.max(0, 8 - before.length - groupsAfter)).fill('0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
