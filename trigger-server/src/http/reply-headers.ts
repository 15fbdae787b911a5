/** Headers that every reply has, whatever was asked: known when the server starts, so none is worked out for a request. */
import type { RequestHandler } from 'express';

/** What helmet 8 sets, without `upgrade-insecure-requests`: the pages also work where there is no TLS. */
export const securityHeaders = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "base-uri 'self'",
    "font-src 'self' https: data:",
    "form-action 'self'",
    "frame-ancestors 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "script-src 'self'",
    "script-src-attr 'none'",
    "style-src 'self' https: 'unsafe-inline'",
  ].join(';'),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-DNS-Prefetch-Control': 'off',
  'X-Download-Options': 'noopen',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'X-XSS-Protection': '0',
} as const;

/** Any page may call the API with a key of its own; no cookies are involved, so none are allowed. */
const crossOriginHeaders = {
  'Access-Control-Allow-Origin': '*',
  // What a page may read of a reply beside the few headers that every page may.
  'Access-Control-Expose-Headers': [
    'Location',
    'Idempotency-Replayed',
    'Call-Mode',
    'Call-Fallback',
    'Ignored-Fields',
    'Retry-After',
    'RateLimit',
    'RateLimit-Policy',
    'Accept-Ranges',
    'Content-Disposition',
    'Content-Range',
    'ETag',
  ].join(', '),
} as const;

/** Of every reply below `/api/v1`. */
export const apiHeaders = { ...securityHeaders, ...crossOriginHeaders } as const;

/** For what Express serves itself. */
export const setSecurityHeaders: RequestHandler = (_request, response, next) => {
  response.set(securityHeaders);
  next();
};

/** For what Express serves itself below `/api/v1`; answers what a browser asks before it sends a request. */
export const crossOrigin: RequestHandler = (request, response, next) => {
  response.set(crossOriginHeaders);
  if (request.method !== 'OPTIONS') {
    next();
    return;
  }
  response
    .status(204)
    .set({
      'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
      'Access-Control-Allow-Headers':
        'Authorization, Content-Type, Idempotency-Key, Idempotency-Key-Lifetime, If-Range, Range, X-API-Key',
      'Access-Control-Max-Age': '600',
    })
    .end();
};
