/** Requests to this server's API, with the session's cookie. */

/** The server refused the request, or did not answer. `message` is the server's own sentence, fit to show. */
export class ApiError extends Error {
  /**
   * @param status 0 when no answer came.
   * @param code the server's `code` of the problem, or null.
   * @param fields what is wrong with which field of the request's body: `phone_number` → a sentence.
   * @param retryAfterSeconds null when the server says nothing about another try.
   * @param detail the server's `detail` as it came.
   */
  constructor(
    readonly status: number,
    message: string,
    readonly code: string | null = null,
    readonly fields: ReadonlyMap<string, string> = new Map(),
    readonly retryAfterSeconds: number | null = null,
    readonly detail: unknown = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** What is wrong with which field of the body; empty when the failure is about no field. */
export function wrongFields(failure: unknown): ReadonlyMap<string, string> {
  return failure instanceof ApiError ? failure.fields : new Map();
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiRequest {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  csv?: Blob;
  /** Undefined and empty values are left out. */
  query?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

let csrfToken = '';
let onSignedOut: () => void = () => undefined;
let renewToken: () => Promise<boolean> = () => Promise.resolve(false);

/** Every later request that changes something proves by this token that the console sent it. */
export function useCsrfToken(token: string): void {
  csrfToken = token;
}

/** @param listener called whenever the server answers that nobody is signed in. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/**
 * @param renew called when the server refuses the CSRF token, because another tab has signed in anew. It reads the session,
 * and resolves with whether the request may be sent once more.
 */
export function whenTokenRefused(renew: () => Promise<boolean>): void {
  renewToken = renew;
}

/** An address below `/api/v1`, for a request, a download link or an `<audio>`. */
export function apiPath(path: string, query: ApiRequest['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`;
}

/** What the server answered, whatever its status. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

export interface SentRequest {
  method: Method;
  headers: Record<string, string>;
  body: string | Blob | undefined;
  signal: AbortSignal | undefined;
}

/**
 * Sends one request with the session, and once more if only its CSRF token was too old.
 * @throws whatever `fetch` throws when no answer came.
 */
export async function send(address: string, request: SentRequest): Promise<Answer> {
  const first = await exchange(address, request);
  const answer =
    first.status === 403 && refusal(first).code === 'csrf_token_invalid' && (await renewToken())
      ? await exchange(address, request)
      : first;
  // Dograh's campaigns answer 401 where no carrier account is set up.
  if (answer.status === 401 && refusal(answer).code !== 'telephony_not_configured') onSignedOut();
  return answer;
}

async function exchange(address: string, { method, headers, body, signal }: SentRequest): Promise<Answer> {
  const csrf: Record<string, string> =
    method === 'GET' || csrfToken === '' ? {} : { 'X-CSRF-Token': csrfToken };
  const response = await fetch(address, {
    method,
    credentials: 'same-origin',
    headers: { ...csrf, ...headers },
    body: body ?? null,
    signal: signal ?? null,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/**
 * @param path below `/api/v1`.
 * @throws ApiError for a refusal and when no answer came.
 */
export async function api<Reply>(method: Method, path: string, request: ApiRequest = {}): Promise<Reply> {
  const { query, body, csv, headers, signal } = request;
  const json = body === undefined ? undefined : JSON.stringify(body);
  const type = csv === undefined ? json && 'application/json' : 'text/csv';
  const answer = await send(apiPath(path, query), {
    method,
    headers: { ...(type === undefined ? {} : { 'Content-Type': type }), ...headers },
    body: csv ?? json,
    signal,
  }).catch((error: unknown) => {
    if (signal?.aborted === true || error instanceof ApiError) throw error;
    throw new ApiError(0, 'The server did not answer. Check that it runs, then try again.');
  });
  if (answer.status < 200 || answer.status > 299) throw refusal(answer);
  return (answer.text === '' ? null : parse(answer.text)) as Reply;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refusal({ status, headers, text }: Answer): ApiError {
  const reply = parse(text);
  const problem = isObject(reply) ? reply : {};
  const { sentence, fields } = readDetail(problem['detail']);
  const retryAfter = Number(headers.get('Retry-After') ?? Number.NaN);
  return new ApiError(
    status,
    sentence ?? `The server answered ${status} without saying why.`,
    typeof problem['code'] === 'string' ? problem['code'] : null,
    fields,
    Number.isFinite(retryAfter) ? retryAfter : null,
    problem['detail'],
  );
}

/**
 * `detail` is a sentence, a list of `{loc: ["body", "phone_number"], msg}` (422), or the report of an agent's faults,
 * `{errors: [{message}]}`, or what a text chat says of its revision, `{message}`.
 */
function readDetail(detail: unknown): { sentence: string | null; fields: Map<string, string> } {
  const fields = new Map<string, string>();
  if (typeof detail === 'string') return { sentence: detail, fields };
  if (isObject(detail) && Array.isArray(detail['errors']))
    return { sentence: sentencesOf(detail['errors']), fields };
  if (isObject(detail) && typeof detail['message'] === 'string')
    return { sentence: detail['message'], fields };
  if (!Array.isArray(detail)) return { sentence: null, fields };
  const sentences: string[] = [];
  for (const entry of detail as unknown[]) {
    if (!isObject(entry) || typeof entry['msg'] !== 'string') continue;
    const place = Array.isArray(entry['loc']) ? entry['loc'].slice(1).join('.') : '';
    fields.set(place, entry['msg']);
    sentences.push(place === '' ? entry['msg'] : `${place}: ${entry['msg']}`);
  }
  return { sentence: sentences.length === 0 ? null : sentences.join('. '), fields };
}

/** The `message` of each fault, once. */
function sentencesOf(faults: unknown[]): string | null {
  const messages = faults.flatMap((fault) =>
    isObject(fault) && typeof fault['message'] === 'string' ? [fault['message']] : [],
  );
  return messages.length === 0 ? null : [...new Set(messages)].join(' ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
