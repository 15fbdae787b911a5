/** Which charset a request says its body has. */
import type { IncomingMessage } from 'node:http';

const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i;

/** In lower case; `utf-8` where the request does not say. */
export function charsetOf({ headers }: IncomingMessage): string {
  const [, named = 'utf-8'] = charset.exec(headers['content-type'] ?? '') ?? [];
  return named.toLowerCase();
}
