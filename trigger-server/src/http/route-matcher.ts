/** Finds the declared route of a request. Built once: a look through a tree, and not past every route. */
import createRouter from 'find-my-way';
import { Problem } from '../problem';

/** What is found, with the parameters of its path, decoded. */
export interface RouteMatch<Target> {
  target: Target;
  params: Record<string, string>;
}

/**
 * Null: there is no such path. Paths match as Express matches them: in any case of letters, with or without a slash behind
 * them, their fixed parts as they are written, and HEAD where GET is declared.
 * @throws Problem method_not_allowed, with `Allow`. @throws URIError for a parameter that cannot be decoded.
 */
export type FindRoute<Target> = (method: string, path: string) => RouteMatch<Target> | null;

export interface Matchable<Target> {
  method: 'get' | 'post' | 'put' | 'delete';
  /** With parameters in braces. */
  path: string;
  target: Target;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Node takes no longer head of a request, so none is too long for the matcher. */
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
    // No parameter is empty.
    if (path.includes('//')) return null;
    // It decodes a path before it looks at it, so that an encoded letter would match: it is given the text for which that
    // decoding has the path as it was written.
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

/** find-my-way wants a handler; what is found is kept beside it. */
function unused(): void {
  // It is never called.
}

function decoded(params: Record<string, string | undefined>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name in params) {
    const value = params[name] ?? '';
    values[name] = value.includes('%') ? decodeURIComponent(value) : value;
  }
  return values;
}
