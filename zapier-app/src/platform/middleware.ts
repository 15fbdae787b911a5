/** What is done to every request of the app before it is sent. */
import type { BeforeRequestMiddleware } from 'zapier-platform-core';

/**
 * Adds the API key, unless the request goes to another origin than the connection's server: recordings are served
 * from object storage, which must not see the key.
 *
 * Synchronous and free of other conditions, so that Zapier can derive from it how a request is authenticated; it
 * tries that with placeholders, of which the base URL has no origin.
 */
export const addApiKey: BeforeRequestMiddleware = (request, _z, bundle) => {
  const { base_url: baseUrl = '', api_key: apiKey = '' } = bundle.authData;
  if (URL.canParse(baseUrl) && new URL(request.url).origin !== new URL(baseUrl).origin) return request;
  return { ...request, headers: { ...request.headers, 'X-API-Key': apiKey } };
};
