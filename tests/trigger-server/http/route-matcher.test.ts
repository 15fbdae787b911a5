/** The route matcher finds the same route as Express. */
import express, { type Request, type Response } from 'express';
import fc from 'fast-check';
import { routeMatcher, type Matchable } from '../../../trigger-server/src/http/route-matcher';
import { Problem } from '../../../trigger-server/src/problem';

const routes: Matchable<string>[] = [
  { method: 'get', path: '/runs/count', target: 'count' },
  { method: 'get', path: '/runs/{id}', target: 'read' },
  { method: 'put', path: '/runs/{id}', target: 'write' },
  { method: 'post', path: '/runs/{id}/attempts/{attempt}', target: 'attempt' },
  { method: 'get', path: '/tools/', target: 'tools' },
];

interface Found {
  target: string;
  params: object;
}

const find = routeMatcher(routes);

/**
 * @returns the matching route, null for an unknown path, `bad` for a path that cannot be decoded, or the `Allow` header
 *   for another method.
 */
function byMatcher(method: string, path: string): Found | string | null {
  try {
    return find(method, path);
  } catch (error) {
    return error instanceof Problem ? String(error.headers.Allow) : 'bad';
  }
}

function byExpress(method: string, path: string): Found | string | null {
  let found: Found | string | null = null;
  const router = express.Router();
  const allowed = new Map<string, string[]>();
  for (const { method: name, path: declared, target } of routes) {
    const pattern = declared.replace(/\{(\w+)\}/g, ':$1');
    router[name](pattern, ({ params }: Request) => void (found = { target, params: { ...params } }));
    allowed.set(pattern, [...(allowed.get(pattern) ?? []), name.toUpperCase()]);
  }
  for (const [pattern, methods] of allowed) router.all(pattern, () => void (found = methods.join(', ')));
  router({ method, url: path } as Request, {} as Response, (error?: unknown) => {
    if (error !== undefined) found = 'bad';
  });
  return found;
}

const segment = fc.oneof(
  fc.constantFrom('runs', 'RUNS', 'r%75ns', 'count', 'Count', 'attempts', 'tools', '', '.', '..', ':id', '*'),
  fc.constantFrom('%', '%ZZ', '%FF', '%2F', '%2f..', '%25', '%2525', '%C4%B0', '%3Fx', '%23', 'a;b', 'a+b'),
  fc.string({ maxLength: 4 }).map(encodeURIComponent),
  fc.constant('9'.repeat(500)),
);
const path = fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => `/${segments.join('/')}`);
const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'PROPFIND');

test('finds the same route as Express for every request', () => {
  fc.assert(
    fc.property(method, path, (name, target) => {
      expect(byMatcher(name, target)).toEqual(byExpress(name, target));
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['GET', '/runs/count', { target: 'count', params: {} }],
  ['GET', '/runs/a%2Fb/', { target: 'read', params: { id: 'a/b' } }],
  ['HEAD', '/Runs/7', { target: 'read', params: { id: '7' } }],
  ['POST', '/runs/7/attempts/2', { target: 'attempt', params: { id: '7', attempt: '2' } }],
  ['DELETE', '/runs/7', 'GET, PUT'],
  ['GET', '/runs/%ZZ', 'bad'],
  ['GET', '/runs//attempts', null],
])('%s %s', (name, target, expected) => {
  expect(byMatcher(name, target)).toEqual(expected);
});
