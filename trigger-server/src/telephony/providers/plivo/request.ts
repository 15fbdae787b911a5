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
} from '../../carrier/account-calls';
import { withoutPlus } from '../../carrier/e164';
import { downloadRecording } from '../../carrier/recording';
import type {
  CancelResult,
  CarrierCall,
  DialResult,
  OutboundCall,
  ProviderHost,
  Recording,
  StatusReport,
} from '../../provider';
import type { PlivoConfiguration } from './configuration';

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
  host: ProviderHost,
): Promise<DialResult> {
  return placeAccountCall(accountOf(configuration), call, configuration.amd_enabled, host);
}

/** A live call goes by its own id, one in the queue by its request's. */
export function cancel(
  configuration: PlivoConfiguration,
  call: CarrierCall,
  host: ProviderHost,
): Promise<CancelResult> {
  return cancelAccountCall(accountOf(configuration), ['Call', 'Request'], call, host);
}

export function askStatus(
  configuration: PlivoConfiguration,
  call: CarrierCall,
  host: ProviderHost,
): Promise<StatusReport | null> {
  return askAccountCall(accountOf(configuration), call, host);
}

/** Plivo keeps recordings below `media.plivo.com`, and asks for credentials where the account says so. */
export function openRecording(
  configuration: PlivoConfiguration,
  { url }: Recording,
  host: ProviderHost,
): Promise<Readable> {
  const { headers } = accountOf(configuration);
  return downloadRecording(host, { url, domains: ['plivo.com'], headers });
}

export async function ownsNumber(
  configuration: PlivoConfiguration,
  number: string,
  host: ProviderHost,
): Promise<boolean | null> {
  const path = `Number/${withoutPlus(number)}/`;
  const reply = await askAccount(accountOf(configuration), path, host);
  if (reply?.status === 200) return true;
  return reply?.status === 404 ? false : null;
}

/** The account's own resource is what wrong credentials cannot read. */
export async function prepare(
  configuration: PlivoConfiguration,
  host: ProviderHost,
): Promise<PlivoConfiguration> {
  await checkCredentials(accountOf(configuration), '', host);
  return configuration;
}
