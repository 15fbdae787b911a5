import { readFileSync } from 'node:fs';

/**
 * Parses a printed curl line: `curl -X POST <url> -H "Name: value" -d '<body>'`. Not every machine with npm has
 * curl; `.ci/smoke.mjs` runs such a line with a real one.
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

/** The API key in the curl line of the server's output; '' when the line takes it from the environment. */
export function printedKey(output: string): string {
  const value = substituted(/-H "X-API-Key: ([^"]+)"/.exec(output)?.[1] ?? '');
  return value.startsWith('$') ? '' : value;
}

/** Replaces `$(cat '<file>')` by the content of the file, like a shell. */
function substituted(value: string): string {
  return value.replace(/\$\(cat '([^']+)'\)/g, (_, file: string) => readFileSync(file, 'utf8').trimEnd());
}
