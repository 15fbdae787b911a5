/** Normalizes the pasted address of a server. */
import { isConfidentialUrl } from './confidential-url';
import { TriggerError } from '../errors';

const apiPath = '/api/v1';

/**
 * Cleans the address of a Dograh or trigger server.
 *
 * @param text `https://host`, with or without `/api/v1`, a path before it, and trailing slashes.
 * @returns The address without `/api/v1` and without a trailing slash: `https://x/api/v1/` becomes `https://x`.
 * @throws TriggerError `invalid_input` that says what to enter. It never quotes the text, which may be a key in the
 *   wrong field.
 */
export function normalizeBaseUrl(text: string): string {
  const url = parseHttpUrl(text.trim());
  if (!url)
    throw invalid('must be a full web address that begins with https:// (or http:// for a local server)');
  if (url.username || url.password) throw invalid('must not contain a user name or password');
  if (url.search || url.hash) throw invalid('must not contain "?" or "#"; copy only the part before it');

  const path = `/${url.pathname.split('/').filter(Boolean).join('/')}`;
  const prefix = path.endsWith(apiPath) ? path.slice(0, -apiPath.length) : path;
  if (`${prefix}/`.includes(`${apiPath}/`)) throw invalid(`must end at ${apiPath} or before it`);
  return prefix === '/' ? url.origin : `${url.origin}${prefix}`;
}

/**
 * The address of a server that receives an API key.
 * @param allowInsecure whether the key may be sent over http:// to a public address.
 * @throws TriggerError `invalid_input`, as {@link normalizeBaseUrl}, and for http:// to a public address.
 */
export function confidentialBaseUrl(text: string, allowInsecure: boolean): string {
  const baseUrl = normalizeBaseUrl(text);
  if (allowInsecure || isConfidentialUrl(baseUrl)) return baseUrl;
  throw invalid(
    'must begin with https://, so that the API key travels encrypted; http:// is for this machine and private networks, or must be allowed explicitly',
  );
}

function parseHttpUrl(text: string): URL | undefined {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

function invalid(rule: string): TriggerError {
  return new TriggerError({
    code: 'invalid_input',
    message: `The base URL ${rule}. For example: https://api.dograh.com`,
  });
}
