/**
 * The port through which the client sends HTTP (axios, n8n's helpers, Zapier's z.request). A host implements one
 * function; all rules are in the client.
 */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute, with its query already encoded. */
  url: string;
  /** Without the API key. The transport adds it, so the client cannot leak it. */
  headers: Record<string, string>;
  /** Serialized JSON, so that no host changes it. */
  body?: string;
  timeoutSeconds: number;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case; a repeated header is joined with `, `. */
  headers: Record<string, string>;
  /** The body as text. The client parses it whatever its content type is. */
  body: string;
}

/**
 * Sends one request and returns the server's answer. A status is a value, never an exception. Throws only when
 * there is no answer (refused, reset, timed out, aborted). Never retries, and never follows a redirect, which would
 * send the key to another host. Throws a `plainError`: it keeps the system's `code` (`ECONNREFUSED` proves that
 * nothing was dialled) but not the request, which contains the key.
 */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;
