/** The origin under which a caller reached this server, for replies that contain its URLs. */
import type { Request } from 'express';

/** A name, an IPv4 address or an IPv6 address in brackets, with or without a port (RFC 3986, 3.2.2). */
const hostForm = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * Scheme and host as the caller used them, so that URLs built from it work for this caller. `X-Forwarded-Proto` counts
 * only from the proxies of TRUST_PROXY, because anybody can send it. If the Host header is not a valid host, the
 * socket's own address is used.
 */
export function requestOrigin({ protocol, headers: { host = '' }, socket }: Request): string {
  return `${protocol}://${hostForm.test(host) ? host : socketHost(socket.localAddress ?? '', socket.localPort)}`;
}

function socketHost(address: string, port = 80): string {
  const plain = address.replace(/^::ffff:/, '');
  return `${plain.includes(':') ? `[${plain}]` : plain}:${String(port)}`;
}
