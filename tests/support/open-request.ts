import { ClientRequest, type OutgoingHttpHeaders } from 'node:http';

/**
 * A request that a test sends part by part. Not by `http.request`: the library of Zapier replaces it in its process, also for
 * the test files that run after it there, by one that takes other arguments.
 */
export function openRequest(
  url: string,
  { method, headers }: { method: string; headers: OutgoingHttpHeaders },
): ClientRequest {
  const { hostname: host, port, pathname, search } = new URL(url);
  return new ClientRequest({ host, port, path: `${pathname}${search}`, method, headers });
}
