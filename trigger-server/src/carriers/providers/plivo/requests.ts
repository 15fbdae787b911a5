/**
 * What we ask of Plivo.
 * Source: https://www.plivo.com/docs/voice/api/call (make, retrieve, hang up and cancel a call),
 * https://www.plivo.com/docs/numbers/api/account-phone-number (retrieve a number).
 */
import type { Readable } from 'node:stream';
import {
  askAccount,
  askAccountCall,
  cancelAccountCall,
  checkCredentials,
  placeAccountCall,
  type CallAccount,
} from '../../dialects/plivo-xml/calls';
import { withoutPlus } from '../../kit/e164';
import { downloadRecording } from '../../kit/recording';
import type { CancelResult, CarrierCall, DialResult, OutboundCall } from '../../port/call';
import type { Recording, StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import type { PlivoConfiguration } from './configuration';

/** A question takes up to three requests, of 300 in 5 seconds: https://www.plivo.com/docs/account/api/ */
export const questionsPerSecond = 5;

function accountOf({ auth_id, auth_token }: PlivoConfiguration): CallAccount {
  const credentials = Buffer.from(`${auth_id}:${auth_token}`).toString('base64');
  return {
    carrier: 'Plivo',
    url: `https://api.plivo.com/v1/Account/${auth_id}/`,
    headers: { authorization: `Basic ${credentials}` },
  };
}

export function placeCall(
  configuration: PlivoConfiguration,
  call: OutboundCall,
  tools: CarrierTools,
): Promise<DialResult> {
  return placeAccountCall(accountOf(configuration), call, configuration.amd_enabled, tools);
}

/** A live call goes by its own id, one in the queue by its request's. */
export function cancel(
  configuration: PlivoConfiguration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<CancelResult> {
  return cancelAccountCall(accountOf(configuration), ['Call', 'Request'], call, tools);
}

export function askStatus(
  configuration: PlivoConfiguration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<StatusReport | null> {
  return askAccountCall(accountOf(configuration), call, tools);
}

/** Plivo keeps recordings below `media.plivo.com`, and asks for credentials where the account says so. */
export function openRecording(
  configuration: PlivoConfiguration,
  { url }: Recording,
  tools: CarrierTools,
): Promise<Readable> {
  const { headers } = accountOf(configuration);
  return downloadRecording(tools, { url, domains: ['plivo.com'], headers });
}

export async function ownsNumber(
  configuration: PlivoConfiguration,
  number: string,
  tools: CarrierTools,
): Promise<boolean | null> {
  const path = `Number/${withoutPlus(number)}/`;
  const reply = await askAccount(accountOf(configuration), path, tools);
  if (reply?.status === 200) return true;
  return reply?.status === 404 ? false : null;
}

/** The account's own resource is what wrong credentials cannot read. */
export async function prepare(
  configuration: PlivoConfiguration,
  tools: CarrierTools,
): Promise<PlivoConfiguration> {
  await checkCredentials(accountOf(configuration), '', tools);
  return configuration;
}
