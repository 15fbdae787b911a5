import { readFileSync } from 'node:fs';

/**
 * What a printed curl line asks for: `curl -X POST <url> -H "Name: value" -d '<body>'`. Not every machine with npm has
 * curl; `.ci/smoke.mjs` pastes such a line into a real one.
 */
export function printedRequest(line: string): Request {
  const [, method, url = ''] = /^curl -X (\w+) (\S+)/.exec(line) ?? [];
  const headers = [...line.matchAll(/-H "([^:]+): ([^"]+)"/g)].map(([, name, value]): [string, string] => [
    name ?? '',
    substituted(value ?? ''),
  ]);
  const body = / -d '([^']+)'$/.exec(line)?.[1];
  return new Request(url, { method, headers, body });
}

/** The API key that the curl line in the server's output sends; '' where it leaves that to the environment. */
export function printedKey(output: string): string {
  const value = substituted(/-H "X-API-Key: ([^"]+)"/.exec(output)?.[1] ?? '');
  return value.startsWith('$') ? '' : value;
}

/** As a shell would: `$(cat '<file>')` is what the file holds. */
function substituted(value: string): string {
  return value.replace(/\$\(cat '([^']+)'\)/g, (_, file: string) => readFileSync(file, 'utf8').trimEnd());
}
