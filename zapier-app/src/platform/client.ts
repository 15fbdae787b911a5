/** Creates the trigger client of one step. */
import { cleanApiKey, TriggerClient } from '@dograh-trigger/shared';
import type { Bundle, ZObject } from 'zapier-platform-core';
import packageJson from '../../package.json';
import { zapierTransport } from './transport';
import { startDeadline, stepSeconds, type Deadline } from './deadline';

export interface ClientOptions {
  /**
   * Whether a dial whose reply was lost is repeated (default false). Only on a server that keeps idempotency keys,
   * and only for a step that has searched for earlier calls first: then a call that a repeat finds is the step's
   * own.
   */
  repeatsDials?: boolean;
}

/** Timeout of a dial that may be repeated. It leaves time for the repeat. */
const repeatableDialSeconds = 12;

/**
 * There is no option to allow http:// to a public address, because Zapier reaches every server over the internet.
 *
 * @param deadline the deadline of the step.
 * @throws TriggerError `invalid_input` when the connection's base URL is invalid, or would send the key unencrypted
 *   to a public address; `invalid_key` when the key has characters that cannot be sent.
 */
export function createClient(
  z: ZObject,
  { authData }: Pick<Bundle, 'authData'>,
  deadline: Deadline = startDeadline(),
  { repeatsDials = false }: ClientOptions = {},
): TriggerClient {
  // Only checked here. The app's middleware sends the key.
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
