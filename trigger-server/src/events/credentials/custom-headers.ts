/** The headers that a webhook node or a stored credential may set. */
import type { JsonValue } from '@dograh-trigger/shared';

/** RFC 9110, 5.6.2. */
const nameForm = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
/** RFC 9110, 5.5, printable ASCII: a line break would begin another header. */
const valueForm = /^[\x20-\x7e\t]{0,8192}$/;

/** The connection's own, and those that say who sent what: they are ours to set. */
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
const ours = /^(proxy|webhook|x-dograh)-/;

/** Dograh keeps secrets out of a definition by these parts of a name; they belong into a stored credential. */
const secretName =
  /authorization|auth|token|secret|password|passwd|cookie|credential|api-key|apikey|api_key|access-key/;

export function isHeaderName(name: string): boolean {
  const lower = name.toLowerCase();
  return nameForm.test(name) && !reserved.has(lower) && !ours.test(lower);
}

export function isHeaderValue(value: string): boolean {
  return valueForm.test(value);
}

/** A node's `[{key, value}]` by lower-case name, without what it may not set. */
export function customHeaders(given: JsonValue | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const entry of Array.isArray(given) ? given : []) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) continue;
    const { key, value } = entry;
    if (typeof key !== 'string' || typeof value !== 'string' || value === '') continue;
    const name = key.trim().toLowerCase();
    if (isHeaderName(name) && isHeaderValue(value) && !secretName.test(name)) headers[name] = value;
  }
  return headers;
}
