/** Reads a JSON body. Routes authenticate first, so that an unauthenticated caller's megabytes are never parsed. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Problem, invalidPlace } from '../../problem';
import { charsetOf } from './charset';
import { shapeFault } from './json-shape';
import { hasBody, notReadable, readBytes } from './read-bytes';

const jsonLimit = { bytes: 1024 * 1024, text: '1 MiB' };
const rawLimit = { bytes: 256 * 1024, text: '256 KiB' };

const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const byteOrderMark = '\u{feff}';

/**
 * @returns the parsed body, of any JSON type.
 * @throws Problem when there is no JSON body, it is too large (413), malformed, nested deeper than 64 levels, has more
 *   than 20,000 values, or a value that cannot be kept.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!hasBody(request)) throw missing();
  if (!jsonType.test(type)) throw request.headers['content-length'] === '0' ? missing() : notJson();
  if (charsetOf(request) !== 'utf-8') throw notReadable();
  const body = parse(await readBytes(request, jsonLimit));
  const fault = valueFault(body);
  if (fault !== null) throw unreadable(fault);
  return body;
}

/**
 * @returns the bytes of a body of any type, decompressed; none for a request without one.
 * @throws Problem when there are more than 256 KiB, or they did not arrive whole.
 */
export function readRawBody(request: IncomingMessage): Promise<Buffer> {
  return readBytes(request, rawLimit);
}

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) throw missing();
  // The decoder would replace invalid bytes with U+FFFD, and the call would be placed with a damaged text.
  if (!isUtf8(bytes)) throw new Problem('bad_request', 'The request body is not valid UTF-8');
  const fault = shapeFault(bytes);
  if (fault !== null) throw unreadable(fault);
  const decoded = bytes.toString('utf8');
  const text = decoded.startsWith(byteOrderMark) ? decoded.slice(1) : decoded;
  try {
    // A byte-order mark alone counts as an empty object.
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw invalidPlace({
      type: 'json_invalid',
      loc: ['body', 0],
      msg: 'JSON decode error',
      input: {},
      ctx: { error: 'The body is not valid JSON' },
    });
  }
}

function unreadable(msg: string): Problem {
  return invalidPlace({ type: 'json_invalid', loc: ['body'], msg, input: null });
}

function missing(): Problem {
  return invalidPlace({ type: 'missing', loc: ['body'], msg: 'Field required', input: null });
}

function notJson(): Problem {
  return invalidPlace({
    type: 'model_attributes_type',
    loc: ['body'],
    msg: 'Input should be a valid dictionary or object to extract fields from: send JSON with Content-Type: application/json',
    input: null,
  });
}

/**
 * Why a parsed value cannot be stored unchanged. `JSON.parse` turns 1e400 into Infinity, which the database would store
 * as null. A key named `__proto__` is lost when an object is copied key by key.
 */
function valueFault(value: unknown): string | null {
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : 'Input has a number that is too large';
  if (typeof value !== 'object' || value === null) return null;
  if (Object.hasOwn(value, '__proto__')) return 'Input should have no value named __proto__';
  for (const inner of Object.values(value)) {
    const fault = valueFault(inner);
    if (fault !== null) return fault;
  }
  return null;
}
