/** Whether a request comes from a page of this server. */
import type { Request } from 'express';
import { Problem } from '../../problem';
import { requestOrigin } from '../origin';

/**
 * Browsers say in `Sec-Fetch-Site` who made a request (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header):
 * `none` is the user, with an address or a bookmark. They leave it out for plain http, unless the server is on the
 * same machine; then `Origin` decides, which they send with every request that is not GET or HEAD.
 * @param publicBaseUrl PUBLIC_BASE_URL, which a proxy that is not in TRUST_PROXY serves.
 * @throws Problem forbidden, with the code `cross_origin`.
 */
export function requireOwnOrigin(request: Request, publicBaseUrl: string | null): void {
  const site = request.get('sec-fetch-site');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const isOwn =
    site === undefined
      ? isOwnOrigin(request, publicBaseUrl)
      : site === 'same-origin' || (site === 'none' && isRead);
  if (isOwn) return;
  throw new Problem(
    'forbidden',
    'The session cookie is taken only from pages of this server, opened by https or on the same machine: nothing was done. Programs send an API key.',
    { code: 'cross_origin' },
  );
}

function isOwnOrigin(request: Request, publicBaseUrl: string | null): boolean {
  const origin = request.get('origin');
  if (origin === undefined) return false;
  return (
    origin === requestOrigin(request) || (publicBaseUrl !== null && origin === new URL(publicBaseUrl).origin)
  );
}
