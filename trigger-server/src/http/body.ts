/** Reads a JSON body after the caller is known, so that a stranger's megabytes are never parsed. */
import express, { type Request, type Response } from 'express';
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
  },
});

/**
 * @returns the parsed body, of any JSON type.
 * @throws Problem when there is no JSON body, it is too large (413), malformed, or nested deeper than 64 levels.
 */
export async function readJsonBody(request: Request, response: Response): Promise<unknown> {
  await new Promise<void>((resolve, reject) => {
    parse(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error('The body parser failed without a reason'));
    });
  });
  const body: unknown = request.body;
  if (body === undefined || emptyBodies.has(request)) throw invalidPlace(missingBody(request));
  if (isDeeperThan(body, maxDepth)) {
    throw invalidPlace({
      type: 'nested_too_deep',
      loc: ['body'],
      msg: `Input should be nested at most ${String(maxDepth)} levels deep`,
      input: null,
    });
  }
  return body;
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

/** Without recursion, which deep input would overflow. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const child of Object.values(item)) {
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
  return false;
}

/** body-parser's own errors, in this API's shape. Anything else is returned unchanged. */
export function fromBodyParser(error: unknown): unknown {
  if (!(error instanceof Error) || !('type' in error)) return error;
  switch (error.type) {
    case 'entity.too.large':
      return new Problem('too_large', 'The request body is larger than 1 MiB');
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
      return new Problem(
        'unsupported_media_type',
        'The body must be UTF-8 JSON, plain or compressed with gzip or deflate',
      );
    case 'request.aborted':
    case 'request.size.invalid':
    case 'stream.encoding.set':
    case 'stream.not.readable':
      return new Problem('bad_request', 'The request body did not arrive whole');
    default:
      return 'status' in error && error.status === 400
        ? new Problem('bad_request', 'The request body could not be read', { cause: error })
        : error;
  }
}
