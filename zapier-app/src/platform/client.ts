/** The trigger client of one step, for the server of the step's connection. */
import { cleanApiKey, TriggerClient } from '@dograh-trigger/shared';
import type { Bundle, ZObject } from 'zapier-platform-core';
import packageJson from '../../package.json';
import { zapierTransport } from './transport';
import { startDeadline, stepSeconds, type Deadline } from './deadline';

export interface ClientOptions {
  /**
   * Whether a dial whose reply was lost is asked for again (default: no). Only for a step that has looked for its call
   * first, so that it knows whose call a repeat finds, on a server that keeps idempotency keys.
   */
  repeatsDials?: boolean;
}

/** Of a dial that may be repeated: so that there is time for the repeat. */
const repeatableDialSeconds = 12;

/**
 * There is no way to allow http:// to a public address: Zapier reaches every server over the internet.
 *
 * @param deadline of the step that the client works for.
 * @throws TriggerError `invalid_input` when the connection's base URL is none, or would send the key in the clear;
 *   `invalid_key` when its key cannot be sent.
 */
export function createClient(
  z: ZObject,
  { authData }: Pick<Bundle, 'authData'>,
  deadline: Deadline = startDeadline(),
  { repeatsDials = false }: ClientOptions = {},
): TriggerClient {
  // Only looked at: the app's middleware sends it.
  cleanApiKey(authData.api_key ?? '');
  return new TriggerClient(deadline.limit(zapierTransport(z)), {
    baseUrl: authData.base_url ?? '',
    sleep: deadline.sleep,
    requestTimeoutSeconds: stepSeconds,
    dialTimeoutSeconds: repeatsDials ? repeatableDialSeconds : stepSeconds,
    repeatsDials,
    userAgent: `dograh-zapier-app/${packageJson.version}`,
  });
}
