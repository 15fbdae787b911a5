/** A clean copy of an HTTP library's error. */
import { redact } from './redact';

export interface PlainError extends Error {
  /** The system's error code, for example `ECONNREFUSED`. */
  code?: string;
}

/**
 * HTTP libraries attach the request, with the API key in its headers, to their errors. A transport throws this copy
 * instead. It has the redacted message, and the `code` of the error or of one of its causes.
 */
export function plainError(error: unknown): PlainError {
  const code = networkCode(error);
  const message = messageOf(error);
  const plain: PlainError = new Error(redact(message || code || 'The request failed'));
  if (code !== undefined) plain.code = code;
  return plain;
}

/** Checks for a message instead of the class: inside a sandbox Node's errors belong to another realm. */
function messageOf(error: unknown): string {
  const isErrorLike = typeof error === 'object' && error !== null && 'message' in error;
  return isErrorLike ? String(error.message) : String(error);
}

function networkCode(error: unknown): string | undefined {
  // Limited, because a chain of causes may be circular. Network errors are not nested deeper.
  for (let depth = 0, link = error; depth < 5; depth += 1) {
    if (typeof link !== 'object' || link === null) return undefined;
    if ('code' in link && typeof link.code === 'string') return link.code;
    link = 'cause' in link ? link.cause : undefined;
  }
  return undefined;
}
