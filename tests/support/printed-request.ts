/**
 * What a printed curl line asks for: `curl -X POST <url> -H "Name: value" -d '<body>'`. Not every machine with npm has
 * curl; `.ci/smoke.mjs` pastes such a line into a real one.
 */
export function printedRequest(line: string): Request {
  const [, method, url = ''] = /^curl -X (\w+) (\S+)/.exec(line) ?? [];
  const headers = [...line.matchAll(/-H "([^:]+): ([^"]+)"/g)].map(([, name, value]): [string, string] => [
    name ?? '',
    value ?? '',
  ]);
  const body = / -d '([^']+)'$/.exec(line)?.[1];
  return new Request(url, { method, headers, body });
}
