/** Reads a JSON body after the caller is known, so that a stranger's megabytes are never parsed. */
import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { Problem, invalidPlace } from '../problem';
import { shapeFault } from './json-shape';

const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** express.json turns an empty body into `{}`; here it is a missing body. */
const emptyBodies = new WeakSet<object>();

const parse = express.json({
  limit: '1mb',
  strict: false,
  type: (request) => jsonType.test(request.headers['content-type'] ?? ''),
  verify: (request, _response, bytes, encoding) => {
    if (bytes.length === 0) emptyBodies.add(request);
    if (encoding !== 'utf-8') throw notUtf8();
    // The parser would put a replacement character in the place of a broken one, and the call would go out.
    if (!isUtf8(bytes)) throw new Problem('bad_request', 'The request body is not valid UTF-8');
    const fault = shapeFault(bytes);
    if (fault !== null) throw unreadable(fault);
  },
});

/**
 * @returns the parsed body, of any JSON type.
 * @throws Problem when there is no JSON body, it is too large (413), malformed, nested deeper than 64 levels, has more
 *   than 20,000 values, or a value that cannot be kept.
 */
export async function readJsonBody(request: Request, response: Response): Promise<unknown> {
  await run(parse, request, response, '1 MiB');
  const body: unknown = request.body;
  if (body === undefined || emptyBodies.has(request)) throw invalidPlace(missingBody(request));
  const fault = valueFault(body);
  if (fault !== null) throw unreadable(fault);
  return body;
}

function unreadable(msg: string): Problem {
  return invalidPlace({ type: 'json_invalid', loc: ['body'], msg, input: null });
}

function notUtf8(): Problem {
  return new Problem('unsupported_media_type', 'The body must be UTF-8 JSON, plain or compressed');
}

const parseRaw = express.raw({ type: () => true, limit: '256kb' });

/**
 * @returns the bytes of a body of any type, as they came; none for a request without one.
 * @throws Problem when there are more than 256 KiB, or they did not arrive whole.
 */
export async function readRawBody(request: Request, response: Response): Promise<Buffer> {
  await run(parseRaw, request, response, '256 KiB');
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function run(parser: RequestHandler, request: Request, response: Response, limit: string): Promise<void> {
  return new Promise((resolve, reject) => {
    void parser(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(fromBodyParser(error, limit));
    });
  });
}

function missingBody(request: Request) {
  const hasBody =
    Number(request.headers['content-length'] ?? 0) > 0 || 'transfer-encoding' in request.headers;
  return emptyBodies.has(request) || !hasBody
    ? { type: 'missing', loc: ['body'], msg: 'Field required', input: null }
    : {
        type: 'model_attributes_type',
        loc: ['body'],
        msg: 'Input should be a valid dictionary or object to extract fields from: send JSON with Content-Type: application/json',
        input: null,
      };
}

/**
 * Why a parsed value cannot be kept as it is. JSON has no infinity, but its parser makes one of 1e400, and a database
 * would keep null. A value named `__proto__` would be left out by whatever copies objects name by name.
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

/** body-parser's own errors, in this API's shape. */
function fromBodyParser(error: unknown, limit: string): Error {
  // What was thrown above goes through the parser as it is.
  if (error instanceof Problem) return error;
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.too.large':
      return new Problem('too_large', `The request body is larger than ${limit}`);
    case 'entity.parse.failed':
      return invalidPlace({
        type: 'json_invalid',
        loc: ['body', 0],
        msg: 'JSON decode error',
        input: {},
        ctx: { error: 'The body is not valid JSON' },
      });
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return notUtf8();
    default:
      // What is left is a body that broke off, or whose compression is broken.
      return new Problem('bad_request', 'The request body did not arrive whole', { cause: error });
  }
}
