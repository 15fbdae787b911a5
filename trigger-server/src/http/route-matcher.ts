/** Finds the declared route of a request in a tree that is built once, instead of trying every route in turn. */
import createRouter from 'find-my-way';
import { Problem } from '../problem';

/** The matching route, with the decoded parameters of its path. */
export interface RouteMatch<Target> {
  target: Target;
  params: Record<string, string>;
}

/**
 * Null when there is no such path. Paths match as in Express: case-insensitive, with or without a trailing slash, fixed
 * parts undecoded, and HEAD where GET is declared.
 * @throws Problem method_not_allowed, with `Allow`. @throws URIError for a parameter that cannot be decoded.
 */
export type FindRoute<Target> = (method: string, path: string) => RouteMatch<Target> | null;

export interface Matchable<Target> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Parameters are in braces. */
  path: string;
  target: Target;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Node accepts at most 16 KiB of request headers, so no parameter can be longer. */
const longestParameter = 16 * 1024;

export function routeMatcher<Target>(routes: readonly Matchable<Target>[]): FindRoute<Target> {
  const matcher = () =>
    createRouter({ caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: longestParameter });
  const byMethod = matcher();
  const byPath = matcher();
  const methodsByPath = new Map<string, Method[]>();
  for (const { method, path, target } of routes) {
    const pattern = path.replace(/\{(\w+)\}/g, ':$1');
    const name = method.toUpperCase() as Method;
    byMethod.on(name, pattern, unused, { target });
    methodsByPath.set(pattern, [...(methodsByPath.get(pattern) ?? []), name]);
  }
  for (const [pattern, methods] of methodsByPath) byPath.on('GET', pattern, unused, { methods });

  return (method, path) => {
    // A parameter cannot be empty.
    if (path.includes('//')) return null;
    // find-my-way decodes a path before it matches, so that an encoded letter would match a fixed part. Encoding the
    // percent signs once more undoes that.
    const written = path.includes('%') ? path.replaceAll('%', '%25') : path;
    const found = byMethod.find((method === 'HEAD' ? 'GET' : method) as Method, written);
    if (found !== null) {
      return { target: (found.store as { target: Target }).target, params: decoded(found.params) };
    }
    const other = byPath.find('GET', written);
    if (other === null) return null;
    decoded(other.params);
    const { methods } = other.store as { methods: Method[] };
    throw new Problem('method_not_allowed', 'Method Not Allowed', { headers: { Allow: methods.join(', ') } });
  };
}

/** find-my-way requires a handler. The route itself is kept in the store beside it. */
function unused(): void {
  // Never called.
}

function decoded(params: Record<string, string | undefined>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name in params) {
    const value = params[name] ?? '';
    values[name] = value.includes('%') ? decodeURIComponent(value) : value;
  }
  return values;
}
