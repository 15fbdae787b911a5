/** The names under which a language model calls the transitions and the tools of a node: those that Dograh makes of them. */

import { sha256Hex } from '@dograh-trigger/shared';

/** What OpenAI's contract allows: `[a-zA-Z0-9_-]{1,64}`. */
export const longestFunctionName = 64;

/** `Go on!` is `go_on_`. Different labels may have the same name. */
export function transitionFunctionName(label: string): string {
  // Byte by byte: a label may have 1 MiB, for which a regular expression takes a third of a second.
  const bytes = Buffer.from(label.toLowerCase(), 'utf8');
  let length = 0;
  for (const byte of bytes) {
    if (isContinuation(byte)) continue;
    bytes[length] = isLetterOrDigit(byte) ? byte : underscore;
    length += 1;
  }
  return bytes.toString('latin1', 0, length);
}

/** The end of a shortened name, by which long names with the same beginning differ: the hash of the whole name. */
const hashLength = 8;

/** The name under which a model calls a transition. A long one is shortened, as no endpoint would take it. */
export function callableName(name: string): string {
  if (name.length <= longestFunctionName) return name;
  return `${name.slice(0, longestFunctionName - hashLength - 1)}_${sha256Hex(name).slice(0, hashLength)}`;
}

const underscore = '_'.charCodeAt(0);

/** A byte after the first of a character of UTF-8: a character beyond ASCII becomes one underscore. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** `a` to `z`, `0` to `9`. */
function isLetterOrDigit(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
}

/** `  Look-up  CRM! ` is `look_up_crm`. Empty when no letter or digit of ASCII is left. */
export function toolFunctionName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, '_')
    .replace(/^_|_$/g, '');
}
