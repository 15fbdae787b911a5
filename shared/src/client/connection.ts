/** The connection to one server: address, headers, timeouts and the repetition of reads. */
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
   * Whether to send the API key over unencrypted `http://` to a public address (default false). Addresses of this
   * machine and of private networks are always allowed: private IP addresses, single-label names, and names below
   * `.local`, `.internal` and `.localhost`.
   */
  allowInsecure?: boolean;
  /** Waits. May reject or return early when the signal is aborted. */
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Random numbers from 0 up to 1, which spread repeated requests over time (default `Math.random`). */
  random?: () => number;
  /** Milliseconds since 1970, used to measure waits (default `Date.now`). */
  now?: () => number;
  /** Timeout of a request that does not dial (default 30). */
  requestTimeoutSeconds?: number;
  /** Timeout of a request that dials; the server answers after the carrier has answered (default 60). */
  dialTimeoutSeconds?: number;
  /**
   * Whether a dial whose reply was lost is repeated with its idempotency key, if the server keeps keys (default
   * true). A host that replays steps itself sets false.
   */
  repeatsDials?: boolean;
  userAgent?: string;
}

export interface ReadOptions {
  signal?: AbortSignal;
  /** The run that is read, for error messages. */
  runId?: number;
  /** How often a read is repeated after a transient failure (default 2). */
  retries?: number;
}

/** A gateway's answers while its server is briefly unavailable. */
const transientStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

export class Connection {
  readonly baseUrl: string;
  /** Whether data may be sent over unencrypted `http://` to a public address. */
  readonly allowsInsecure: boolean;
  readonly random: () => number;
  readonly now: () => number;
  readonly dialTimeoutSeconds: number;
  readonly repeatsDials: boolean;
  readonly #transport: Transport;
  readonly #sleep: ConnectionOptions['sleep'];
  readonly #requestTimeoutSeconds: number;
  readonly #headers: Record<string, string>;

  constructor(transport: Transport, options: ConnectionOptions) {
    this.allowsInsecure = options.allowInsecure ?? false;
    this.baseUrl = confidentialBaseUrl(options.baseUrl, this.allowsInsecure);
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
   * `GET` of a path below `/api/v1`. It is repeated after a broken connection, 502, 503, 504 or a 429 with
   * `Retry-After`.
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

  /** One `POST` of JSON to a path below `/api/v1`, never repeated. @throws TriggerError */
  create<T>(path: string, value: object, schema: z.ZodType<T>): Promise<T> {
    return this.#write('POST', path, value, schema);
  }

  /** One `PUT` of JSON to a path below `/api/v1`, never repeated. @throws TriggerError */
  replace<T>(path: string, value: object, schema: z.ZodType<T>): Promise<T> {
    return this.#write('PUT', path, value, schema);
  }

  async #write<T>(method: 'POST' | 'PUT', path: string, value: object, schema: z.ZodType<T>): Promise<T> {
    const sent: Sent = { method, url: this.url(path), dials: false };
    const headers = { ...this.#headers, 'content-type': 'application/json' };
    return readReply(await this.#send({ ...sent, headers, body: JSON.stringify(value) }, sent), schema, sent);
  }

  /** One `DELETE` of a path below `/api/v1`, never repeated. @throws TriggerError */
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

  /** Sends one `POST` that dials, never repeated here. Rejects with the transport's own error. */
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
   * @throws TriggerError `canceled`, with the run's id, as soon as the signal is aborted.
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
