/** The cookie of a signed-in browser. Its value is a session token. */
import type { Request } from 'express';

export const sessionCookieName = 'dograh-trigger-session';
/**
 * Browsers take a cookie with this prefix by https only, so that no page that was sent without TLS can replace it
 * (RFC 6265bis, 4.1.3.1). `__Host-` does not fit, because the cookie is limited to a path.
 */
const secureName = `__Secure-${sessionCookieName}`;

interface Place {
  /** The origin of the request: `https://calls.example.com`. */
  origin: string;
  publicBaseUrl: string | null;
}

/** The value of `Set-Cookie` that signs a browser in. */
export function sessionCookie(place: Place, token: string, maxAgeSeconds: number): string {
  return `${nameFor(place.origin)}=${token}; ${attributes(place)}; Max-Age=${String(maxAgeSeconds)}`;
}

/** The value of `Set-Cookie` that deletes the cookie. */
export function clearedSessionCookie(place: Place): string {
  return `${nameFor(place.origin)}=; ${attributes(place)}; Max-Age=0`;
}

/** The session token in the cookies of a request; null when there is none. */
export function readSessionCookie({ headers, protocol }: Request): string | null {
  const { cookie } = headers;
  if (cookie === undefined) return null;
  const start = `${nameFor(`${protocol}://`)}=`;
  const pair = cookie
    .split(';')
    .map((text) => text.trim())
    .find((text) => text.startsWith(start));
  return pair === undefined || pair.length === start.length ? null : pair.slice(start.length);
}

function nameFor(origin: string): string {
  return isHttps(origin) ? secureName : sessionCookieName;
}

function attributes({ origin, publicBaseUrl }: Place): string {
  const isSecure = isHttps(origin) || (publicBaseUrl !== null && isHttps(publicBaseUrl));
  return `Path=/api/v1; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

function isHttps(url: string): boolean {
  return url.startsWith('https://');
}
