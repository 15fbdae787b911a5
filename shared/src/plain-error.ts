/** A clean copy of what a host's HTTP library threw. */
import { redact } from './redact';

export interface PlainError extends Error {
  /** The system's word for a broken connection, for example `ECONNREFUSED`. */
  code?: string;
}

/**
 * HTTP libraries hang the request, with the API key in its headers, on the errors they throw. A transport throws
 * this copy instead: the redacted message and the `code`, looked for in the error and in its causes.
 */
export function plainError(error: unknown): PlainError {
  const code = networkCode(error);
  const message = messageOf(error);
  const plain: PlainError = new Error(redact(message || code || 'The request failed'));
  if (code !== undefined) plain.code = code;
  return plain;
}

/** Asks for a message instead of the class: Node's own errors belong to another realm inside a sandbox. */
function messageOf(error: unknown): string {
  const isErrorLike = typeof error === 'object' && error !== null && 'message' in error;
  return isErrorLike ? String(error.message) : String(error);
}

function networkCode(error: unknown): string | undefined {
  // A chain of causes may be circular; nobody nests a network error deeper than this.
  for (let depth = 0, link = error; depth < 5; depth += 1) {
    if (typeof link !== 'object' || link === null) return undefined;
    if ('code' in link && typeof link.code === 'string') return link.code;
    link = 'cause' in link ? link.cause : undefined;
  }
  return undefined;
}
