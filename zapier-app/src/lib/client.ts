/** The trigger client of one step, for the server of the step's connection. */
import { cleanApiKey, normalizeBaseUrl, TriggerClient, TriggerError } from '@dograh-trigger/shared';
import type { Bundle, ZObject } from 'zapier-platform-core';
import packageJson from '../../package.json';
import { zapierTransport } from '../transport';
import { startDeadline, stepSeconds, type Deadline } from './deadline';

/** A server on the developer's own machine, where Zapier itself cannot reach. */
const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * @param deadline of the step that the client works for.
 * @throws TriggerError `invalid_input` when the connection's base URL is none, or would send the key in the clear;
 *   `invalid_key` when its key cannot be sent.
 */
export function createClient(
  z: ZObject,
  { authData }: Pick<Bundle, 'authData'>,
  deadline: Deadline = startDeadline(),
): TriggerClient {
  // Only looked at: the app's middleware sends it.
  cleanApiKey(authData.api_key ?? '');
  return new TriggerClient(deadline.limit(zapierTransport(z)), {
    baseUrl: secureBaseUrl(authData.base_url ?? ''),
    sleep: deadline.sleep,
    requestTimeoutSeconds: stepSeconds,
    dialTimeoutSeconds: stepSeconds,
    // Zapier repeats steps: a second way to repeat would be a second way to call twice.
    repeatsDials: false,
    userAgent: `dograh-zapier-app/${packageJson.version}`,
  });
}

function secureBaseUrl(text: string): string {
  const baseUrl = normalizeBaseUrl(text);
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === 'https:' || loopbackHosts.has(hostname)) return baseUrl;
  throw new TriggerError({
    code: 'invalid_input',
    message: 'The base URL must begin with https://, so that the API key travels encrypted.',
  });
}
