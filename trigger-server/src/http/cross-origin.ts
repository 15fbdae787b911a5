/** Any page may call the API with a key of its own; no cookies are involved, so none are allowed. */
import type { RequestHandler } from 'express';

/** What a page may read of a reply beside the few headers that every page may. */
const exposedHeaders = [
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
].join(', ');

export const crossOrigin: RequestHandler = (request, response, next) => {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Expose-Headers', exposedHeaders);
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
