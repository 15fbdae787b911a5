/**
 * Whether the account, the application and the key belong together, asked on save: each of these mistakes would
 * otherwise show at the first call. Source: https://developer.vonage.com/en/api/application.v2#getApplication
 */
import { createPublicKey } from 'node:crypto';
import * as z from 'zod';
import { Problem } from '../../../problem';
import { ask } from '../../kit/ask';
import { refusalText } from '../../kit/dial';
import type { CarrierTools } from '../../port/tools';
import type { VonageConfiguration } from './configuration';
import { accountRequest, carrier, refusalWords } from './request';

const application = z.object({
  keys: z.object({ public_key: z.string() }).optional(),
  capabilities: z.object({ voice: z.object({ signed_callbacks: z.boolean().optional() }).optional() }),
});

/** @throws Problem bad_request. Vonage out of reach keeps nobody from saving. */
export async function prepare(
  configuration: VonageConfiguration,
  tools: CarrierTools,
): Promise<VonageConfiguration> {
  const url = `https://api.nexmo.com/v2/applications/${configuration.application_id}`;
  const answer = await ask(tools, accountRequest(configuration, tools, url));
  if (answer === null) return configuration;
  if ([401, 403, 404].includes(answer.status)) {
    throw new Problem('bad_request', refusalText(carrier, answer.status, refusalWords(answer.body)));
  }
  const read = application.safeParse(answer.body);
  const fault = read.success ? faultOf(read.data, configuration) : null;
  if (fault !== null) throw new Problem('bad_request', fault);
  return configuration;
}

function faultOf(
  { keys, capabilities }: z.output<typeof application>,
  { private_key }: VonageConfiguration,
): string | null {
  if (capabilities.voice === undefined) {
    return 'This Vonage application has no Voice capability. Turn it on in the Vonage dashboard.';
  }
  if (capabilities.voice.signed_callbacks === false) {
    return 'This Vonage application does not sign its webhooks, so no event could be verified. Turn on signed webhooks under its Voice capability.';
  }
  if (keys !== undefined && !isPair(keys.public_key, private_key)) {
    return 'The private key is not the one of this Vonage application.';
  }
  return null;
}

function isPair(publicKey: string, privateKey: string): boolean {
  try {
    return createPublicKey(publicKey).equals(createPublicKey(privateKey));
  } catch {
    return false;
  }
}
