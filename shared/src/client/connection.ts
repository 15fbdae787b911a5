/** One server, and the rules that every request to it follows: address, headers, time limits, repeats of reads. */
import type * as z from 'zod';
import { confidentialBaseUrl } from '../forms/base-url';
import { TriggerError } from '../errors';
import { Repeats } from './repeats';
import { networkError, readReply, requireSuccess, type Sent } from './responses';
import type { HttpRequest, HttpResponse, Transport } from './transport';

export interface ConnectionOptions {
  /** Address of the server, with or without `/api/v1`. */
  baseUrl: string;
  /**
   * Whether the API key may go over `http://` to a public address, where anybody on the way can read it (default false).
   * This machine and private networks need no permission: their IP addresses, names of one label, and names below
   * `.local`, `.internal` and `.localhost`.
   */
  allowInsecure?: boolean;
  /** Waits; it may reject or return early when the signal is aborted. */
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Numbers from 0 up to 1 that spread repeats (default `Math.random`). */
  random?: () => number;
  /** Milliseconds since 1970, to measure how long a wait takes (default `Date.now`). */
  now?: () => number;
  /** Time limit of a request that does not dial (default 30). */
  requestTimeoutSeconds?: number;
  /** Time limit of a request that dials: the server answers when the carrier has (default 60). */
  dialTimeoutSeconds?: number;
  /**
   * Whether a dial whose answer was lost is sent again with its idempotency key, where the server keeps keys (default
   * true). A host that repeats steps by itself says no.
   */
  repeatsDials?: boolean;
  userAgent?: string;
}

export interface ReadOptions {
  signal?: AbortSignal;
  /** The run that is read, for the error. */
  runId?: number;
  /** How often a read that met a passing failure is sent again (default 2). */
  retries?: number;
}

/** What a gateway answers while its server is away for a moment. */
const transientStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

export class Connection {
  readonly baseUrl: string;
  readonly random: () => number;
  readonly now: () => number;
  readonly dialTimeoutSeconds: number;
  readonly repeatsDials: boolean;
  readonly #transport: Transport;
  readonly #sleep: ConnectionOptions['sleep'];
  readonly #requestTimeoutSeconds: number;
  readonly #headers: Record<string, string>;

  constructor(transport: Transport, options: ConnectionOptions) {
    this.baseUrl = confidentialBaseUrl(options.baseUrl, options.allowInsecure ?? false);
    this.random = options.random ?? Math.random;
    this.now = options.now ?? Date.now;
    this.dialTimeoutSeconds = options.dialTimeoutSeconds ?? 60;
    this.repeatsDials = options.repeatsDials ?? true;
    this.#transport = transport;
    this.#sleep = options.sleep;
    this.#requestTimeoutSeconds = options.requestTimeoutSeconds ?? 30;
    this.#headers = { accept: 'application/json' };
    if (options.userAgent) this.#headers['user-agent'] = options.userAgent;
  }

  /** The absolute address of a path below `/api/v1`. */
  url(path: string): string {
    return `${this.baseUrl}/api/v1${path}`;
  }

  /**
   * `GET` of a path below `/api/v1`, sent again after a broken connection, 502, 503, 504 or a 429 with `Retry-After`.
   * @throws TriggerError
   */
  async read<T>(path: string, schema: z.ZodType<T>, options: ReadOptions = {}): Promise<T> {
    const { signal, runId, retries = 2 } = options;
    const url = this.url(path);
    const [address = url] = url.split('?', 1);
    const sent: Sent = { method: 'GET', url: address, dials: false, runId };
    const repeats = new Repeats({ tries: retries, seconds: 20 }, this.random);
    for (;;) {
      throwIfCanceled(signal, runId);
      try {
        return readReply(await this.#get(url, sent, signal), schema, sent);
      } catch (error) {
        throwIfCanceled(signal, runId);
        const seconds = isTransient(error) ? repeats.next(error.retryAfterSeconds) : undefined;
        if (seconds === undefined) throw error;
        await this.pause(seconds, signal, runId);
      }
    }
  }

  /** `POST` of JSON to a path below `/api/v1` that makes something, once. @throws TriggerError */
  async create<T>(path: string, value: object, schema: z.ZodType<T>): Promise<T> {
    const sent: Sent = { method: 'POST', url: this.url(path), dials: false };
    const headers = { ...this.#headers, 'content-type': 'application/json' };
    return readReply(await this.#send({ ...sent, headers, body: JSON.stringify(value) }, sent), schema, sent);
  }

  /** `DELETE` of a path below `/api/v1`, once. @throws TriggerError */
  async remove(path: string): Promise<void> {
    const sent: Sent = { method: 'DELETE', url: this.url(path), dials: false };
    requireSuccess(await this.#send({ ...sent, headers: this.#headers }, sent), sent);
  }

  #get(url: string, sent: Sent, signal?: AbortSignal): Promise<HttpResponse> {
    return this.#send({ method: 'GET', url, headers: this.#headers, signal }, sent);
  }

  async #send(
    { method, url, headers, body, signal }: Omit<HttpRequest, 'timeoutSeconds'>,
    sent: Sent,
  ): Promise<HttpResponse> {
    const timeoutSeconds = this.#requestTimeoutSeconds;
    try {
      return await this.#transport({ method, url, headers, body, timeoutSeconds, signal });
    } catch (error) {
      throw networkError(error, sent);
    }
  }

  /** Sends one `POST` that dials, once. Rejects with whatever the transport throws. */
  dial(
    path: string,
    body: string,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<HttpResponse> {
    return this.#transport({
      method: 'POST',
      url: this.url(path),
      headers: { ...this.#headers, 'content-type': 'application/json', ...headers },
      body,
      timeoutSeconds: this.dialTimeoutSeconds,
      signal,
    });
  }

  /**
   * Waits.
   * @throws TriggerError `canceled`, with the run, as soon as the signal is aborted.
   */
  async pause(seconds: number, signal?: AbortSignal, runId?: number): Promise<void> {
    try {
      await this.#sleep(seconds * 1000, signal);
    } finally {
      throwIfCanceled(signal, runId);
    }
  }
}

/** @throws TriggerError `canceled` when the signal is aborted. */
export function throwIfCanceled(signal?: AbortSignal, runId?: number): void {
  if (!signal?.aborted) return;
  throw new TriggerError({ code: 'canceled', message: 'Canceled before it was finished.', runId });
}

function isTransient(error: unknown): error is TriggerError {
  if (!(error instanceof TriggerError)) return false;
  if (error.code === 'busy') return error.retryAfterSeconds !== undefined;
  return (
    error.code === 'unreachable' || (error.code === 'server' && transientStatuses.has(error.status ?? 0))
  );
}
