/**
 * The error that is thrown when a request cannot be served. It has two texts: `detail` goes to the caller, `internal`
 * to the log. Only `http/errors.ts` maps kinds to statuses.
 */
import type { DefinitionReport, ProblemCode, RevisionConflict, ValidationItem } from '@dograh-trigger/shared';

export type ProblemKind =
  | 'bad_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'unprocessable'
  | 'too_large'
  | 'range_not_satisfiable'
  | 'unsupported_media_type'
  | 'busy'
  | 'failed'
  | 'not_implemented'
  | 'outcome_unknown'
  | 'unavailable';

export interface ProblemExtras {
  /** The reason in machine-readable form; by default it follows from the kind. */
  code?: ProblemCode;
  /** For the log only. It must not contain a phone number, a context value or a secret. */
  internal?: string;
  /** Nothing was done, and the same request may succeed after this many seconds (`Retry-After`). */
  retryAfterSeconds?: number;
  headers?: Record<string, string>;
  cause?: unknown;
}

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly headers: Record<string, string>;
  readonly internal: string | undefined;
  readonly code: ProblemCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly kind: ProblemKind,
    readonly detail: string | ValidationItem[] | DefinitionReport | RevisionConflict,
    extras: ProblemExtras = {},
  ) {
    super(typeof detail === 'string' ? detail : kind, { cause: extras.cause });
    this.headers = extras.headers ?? {};
    this.internal = extras.internal;
    this.retryAfterSeconds = extras.retryAfterSeconds;
    this.code = extras.code ?? codeOf(kind);
  }

  /** What is wrong, or what is wrong with the first of several places. */
  get words(): string {
    const [first] = Array.isArray(this.detail) ? this.detail : [];
    return first?.msg ?? this.message;
  }
}

function codeOf(kind: ProblemKind): ProblemCode {
  if (kind === 'unprocessable') return 'invalid_request';
  return kind === 'failed' ? 'internal_error' : kind;
}

/** The problem of a request with one invalid place in its body, path or query. */
export function invalidPlace(item: ValidationItem, code?: ProblemCode): Problem {
  return new Problem('unprocessable', [item], code === undefined ? {} : { code });
}

/** The refusal of a server that stops. @param nothing in words, what was not done. */
export function stopping(nothing: string): Problem {
  return new Problem('unavailable', `The server is stopping; ${nothing}. Try again in a moment.`, {
    code: 'draining',
    headers: { 'Retry-After': '5', Connection: 'close' },
  });
}
