/** Headers of every reply. All but the request's id are constants, so that no request pays for computing them. */
import type { RequestHandler } from 'express';
import { requestIdHeader, requestIdOf } from './request/request-id';

/** The headers of helmet 8 without `upgrade-insecure-requests`, so that the pages also work without TLS. */
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

/**
 * Any page may call the API with a key of its own. Credentials are not allowed: the session cookie is for pages of this
 * server only (`cookie/own-origin.ts`).
 */
const crossOriginHeaders = {
  'Access-Control-Allow-Origin': '*',
  // The headers that a page may read besides the CORS-safelisted ones.
  'Access-Control-Expose-Headers': [
    'Location',
    'Idempotency-Replayed',
    'Call-Mode',
    'Call-Fallback',
    'Ignored-Fields',
    'Retry-After',
    requestIdHeader,
    'RateLimit',
    'RateLimit-Policy',
    'Accept-Ranges',
    'Content-Disposition',
    'Content-Range',
    'ETag',
  ].join(', '),
} as const;

/** The policy of a file that tenants or carriers have written: if a browser shows it as a page, nothing in it runs. */
export const sandboxPolicy = "sandbox; default-src 'none'";

/** The headers of every reply below `/api/v1`. */
export const apiHeaders = { ...securityHeaders, ...crossOriginHeaders } as const;

/** For routes that Express serves itself. */
export const setSecurityHeaders: RequestHandler = (_request, response, next) => {
  response.set(securityHeaders).set(requestIdHeader, requestIdOf(response));
  next();
};

/** For routes below `/api/v1` that Express serves itself. It also answers a browser's preflight request. */
export const crossOrigin: RequestHandler = (request, response, next) => {
  response.set(crossOriginHeaders);
  if (request.method !== 'OPTIONS') {
    next();
    return;
  }
  response
    .status(204)
    .set({
      'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
      'Access-Control-Allow-Headers':
        'Authorization, Content-Type, Idempotency-Key, Idempotency-Key-Lifetime, If-Range, Range, X-API-Key, X-Request-Id, traceparent, tracestate',
      'Access-Control-Max-Age': '600',
    })
    .end();
};
