/** The headers that a webhook node or a stored credential may set. */
import type { JsonValue } from '@dograh-trigger/shared';

/** RFC 9110, 5.6.2. */
const nameForm = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
/** Printable ASCII (RFC 9110, 5.5). A line break would begin another header. */
const valueForm = /^[\x20-\x7e\t]{0,8192}$/;

/** Headers that only this server sets: those of the connection, and those that identify sender and message. */
const reserved = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const reservedPrefix = /^(proxy|webhook|x-dograh)-/;

/** Dograh refuses header names with these parts in a definition, because secrets belong into a stored credential. */
const secretName =
  /authorization|auth|token|secret|password|passwd|cookie|credential|api-key|apikey|api_key|access-key/;

export function isHeaderName(name: string): boolean {
  const lower = name.toLowerCase();
  return nameForm.test(name) && !reserved.has(lower) && !reservedPrefix.test(lower);
}

/** Whether a header of this name would hold a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name.toLowerCase());
}

export function isHeaderValue(value: string): boolean {
  return valueForm.test(value);
}

/** As long for every secret, so that it does not reveal the length. */
const mask = '********';

/** Masks values only: the names say which credential was sent. */
export function maskedHeaders(
  headers: Record<string, string>,
  isSecret: (name: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecret(name) ? mask : value]),
  );
}

/** A node's `[{key, value}]` by lower-case name, without the headers that it may not set. */
export function customHeaders(given: JsonValue | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const entry of Array.isArray(given) ? given : []) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) continue;
    const { key, value } = entry;
    if (typeof key !== 'string' || typeof value !== 'string' || value === '') continue;
    const name = key.trim().toLowerCase();
    if (isHeaderName(name) && isHeaderValue(value) && !isSecretName(name)) headers[name] = value;
  }
  return headers;
}
