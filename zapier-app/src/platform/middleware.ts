/** Runs before every request of the app. */
import type { BeforeRequestMiddleware } from 'zapier-platform-core';

/**
 * Adds the API key, except for requests to another origin than the connection's server: recordings come from object
 * storage, which must not receive the key.
 *
 * Synchronous and without other conditions, because Zapier derives from it how requests are authenticated. For that
 * it calls this with placeholders, where the base URL has no origin.
 */
export const addApiKey: BeforeRequestMiddleware = (request, _z, bundle) => {
  const { base_url: baseUrl = '', api_key: apiKey = '' } = bundle.authData;
  if (URL.canParse(baseUrl) && new URL(request.url).origin !== new URL(baseUrl).origin) return request;
  return { ...request, headers: { ...request.headers, 'X-API-Key': apiKey } };
};
