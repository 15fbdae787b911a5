/**
 * Requests to Vobiz. Paths are case-sensitive: `Account` and `Call` with capitals, `numbers` without.
 * Source: https://docs.vobiz.ai/call/make-call, https://docs.vobiz.ai/call/hangup-call,
 * https://docs.vobiz.ai/call/retrieve-live-call, https://docs.vobiz.ai/account-phone-number/list-account-phone-numbers.
 *
 * The ring timeout is `ring_timeout` (https://docs.vobiz.ai/concepts/hangup-causes, code 6010), not `hangup_on_ring`:
 * the latter counts from the first ring, even after the call was answered.
 */
import type { Readable } from 'node:stream';
import {
  askAccount,
  askAccountCall,
  cancelAccountCall,
  placeAccountCall,
  verifyAccount,
  type CallAccount,
} from '../../dialects/plivo-xml/calls';
import { textAt } from '../../kit/dial';
import { withoutPlus } from '../../kit/e164';
import { downloadRecording } from '../../kit/recording';
import { refuseIfWrong } from '../../kit/verification';
import type { CancelResult, CarrierCall, DialResult, OutboundCall } from '../../port/call';
import type { Verdict } from '../../port/provider';
import type { Recording, StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import type { VobizConfiguration } from './configuration';

/** A status takes up to three requests. Vobiz documents no limit, so this is low: https://docs.vobiz.ai */
export const questionsPerSecond = 2;

function accountOf({ auth_id, auth_token }: VobizConfiguration): CallAccount {
  return {
    carrier: 'Vobiz',
    url: `https://api.vobiz.ai/api/v1/Account/${auth_id}/`,
    headers: { 'x-auth-id': auth_id, 'x-auth-token': auth_token },
  };
}

export function placeCall(
  configuration: VobizConfiguration,
  call: OutboundCall,
  tools: CarrierTools,
): Promise<DialResult> {
  return placeAccountCall(accountOf(configuration), call, configuration.amd_enabled, tools);
}

/** A call has one id from the queue to its end. */
export function cancel(
  configuration: VobizConfiguration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<CancelResult> {
  return cancelAccountCall(accountOf(configuration), ['Call'], call, tools);
}

export function askStatus(
  configuration: VobizConfiguration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<StatusReport | null> {
  return askAccountCall(accountOf(configuration), call, tools);
}

/** Vobiz stores recordings below `media.vobiz.ai`, and requires the account's own credentials. */
export function openRecording(
  configuration: VobizConfiguration,
  { url }: Recording,
  tools: CarrierTools,
): Promise<Readable> {
  const { headers } = accountOf(configuration);
  return downloadRecording(tools, { url, domains: ['vobiz.ai'], headers });
}

/** The largest page of numbers. Both parameters are documented. */
const numbersPath = 'numbers?per_page=100&limit=100';

/**
 * Vobiz has no request for one number, so the first page is searched. Null if the number is not on it and there are
 * more pages.
 */
export async function ownsNumber(
  configuration: VobizConfiguration,
  number: string,
  tools: CarrierTools,
): Promise<boolean | null> {
  const reply = await askAccount(accountOf(configuration), numbersPath, tools);
  if (reply?.status !== 200) return null;
  const total = Number(textAt(reply.body, 'total') ?? NaN);
  for (let index = 0; ; index += 1) {
    const listed = textAt(reply.body, 'items', index, 'e164');
    if (listed === undefined) return index === total ? false : null;
    if (withoutPlus(listed) === withoutPlus(number)) return true;
  }
}

/** Reads the list of numbers, which every account may do, and which fails with wrong credentials. */
export function verify(configuration: VobizConfiguration, tools: CarrierTools): Promise<Verdict> {
  return verifyAccount(accountOf(configuration), numbersPath, tools);
}

export const prepare = refuseIfWrong(verify);
