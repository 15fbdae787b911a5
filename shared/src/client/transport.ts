/**
 * The port between the client and a host's way of sending HTTP (axios, n8n's helpers, Zapier's z.request).
 * A host is one function; every rule lives in the client.
 */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute, with its query already encoded. */
  url: string;
  /** Without the API key: the transport adds it, so that the client cannot leak what it never sees. */
  headers: Record<string, string>;
  /** Already serialized JSON, so that no host rewrites it. */
  body?: string;
  timeoutSeconds: number;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case; a repeated header is joined with `, `. */
  headers: Record<string, string>;
  /** The body as text. The client parses it, whatever the content type says. */
  body: string;
}

/**
 * Sends one request and returns whatever the server answered: a status is a value, never an exception.
 * Throws only when there is no answer (refused, reset, timed out, aborted). Never retries and never follows
 * a redirect, which would carry the key to another host. What it throws is a `plainError`: it keeps the system's
 * `code` (`ECONNREFUSED` proves that nothing was dialled) and does not hold the request, which has the key.
 */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;
