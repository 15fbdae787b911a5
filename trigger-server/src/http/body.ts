/** Reads a JSON body after the caller is known, so that a stranger's megabytes are never parsed. */
import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { Problem, invalidPlace } from '../problem';

const maxDepth = 64;
const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** express.json turns an empty body into `{}`; here it is a missing body. */
const emptyBodies = new WeakSet<object>();

const parse = express.json({
  limit: '1mb',
  strict: false,
  type: (request) => jsonType.test(request.headers['content-type'] ?? ''),
  verify: (request, _response, bytes) => {
    if (bytes.length === 0) emptyBodies.add(request);
    // The parser would put a replacement character in the place of a broken one, and the call would go out.
    if (!isUtf8(bytes)) throw new TypeError('The body is not valid UTF-8');
  },
});

/**
 * @returns the parsed body, of any JSON type.
 * @throws Problem when there is no JSON body, it is too large (413), malformed, or nested deeper than 64 levels.
 */
export async function readJsonBody(request: Request, response: Response): Promise<unknown> {
  await run(parse, request, response, '1 MiB');
  const body: unknown = request.body;
  if (body === undefined || emptyBodies.has(request)) throw invalidPlace(missingBody(request));
  const fault = findFault(body);
  if (fault !== null) throw invalidPlace({ type: 'json_invalid', loc: ['body'], msg: fault, input: null });
  return body;
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

/** Walks level by level, without recursion, which deep input would overflow. */
function findFault(value: unknown): string | null {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return `Input should be nested at most ${String(maxDepth)} levels deep`;
    const next: unknown[] = [];
    for (const item of level) {
      // JSON has no infinity, but its parser makes one of 1e400, and a database would keep null.
      if (typeof item === 'number' && !Number.isFinite(item)) return 'Input has a number that is too large';
      if (typeof item === 'object' && item !== null) {
        for (const child of Object.values(item) as unknown[]) next.push(child);
      }
    }
    level = next;
  }
  return null;
}

/** body-parser's own errors, in this API's shape. */
function fromBodyParser(error: unknown, limit: string): Error {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.too.large':
      return new Problem('too_large', `The request body is larger than ${limit}`);
    case 'entity.verify.failed':
      return new Problem('bad_request', 'The request body is not valid UTF-8');
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
      return new Problem('unsupported_media_type', 'The body must be UTF-8 JSON, plain or compressed');
    default:
      // What is left is a body that broke off, or whose compression is broken.
      return new Problem('bad_request', 'The request body did not arrive whole', { cause: error });
  }
}
