/**
 * Requests to Vobiz. Paths are case-sensitive: `Account` and `Call` with capitals, `numbers` and `cdr` without.
 * Source: https://docs.vobiz.ai/call/make-call, https://docs.vobiz.ai/call/hangup-call,
 * https://docs.vobiz.ai/call/retrieve-live-call, https://docs.vobiz.ai/account-phone-number/list-account-phone-numbers,
 * https://github.com/vobiz-ai/Vobiz-Node-SDK.
 *
 * The ring timeout is `ring_timeout` (https://docs.vobiz.ai/concepts/hangup-causes, code 6010), not `hangup_on_ring`: the
 * latter counts from the first ring, even after the call was answered. No page about the dial documents `ring_timeout`, so
 * the server has a timer of its own.
 */
import { askAccount, callRequests, listLiveCalls, type CallAccount } from '../../dialects/plivo-xml/calls';
import { textAt } from '../../kit/dial';
import { withoutPlus } from '../../kit/e164';
import type { CarrierTools } from '../../port/tools';
import type { configuration, VobizConfiguration } from './configuration';

/** A status takes up to four requests. Vobiz documents no limit, so this is low: https://docs.vobiz.ai */
export const questionsPerSecond = 2;

export function accountOf({ auth_id, auth_token, amd_enabled }: VobizConfiguration): CallAccount {
  return {
    carrier: 'Vobiz',
    url: `https://api.vobiz.ai/api/v1/Account/${auth_id}/`,
    headers: { 'x-auth-id': auth_id, 'x-auth-token': auth_token },
    detectMachine: amd_enabled,
    recordingDomains: ['vobiz.ai'],
    ownPath: numbersPath,
    // A call has one id from the queue to its end. The paths of a live call have a slash at their end in the
    // documentation, and none in the SDK.
    hangUpPaths: (callId) => [`Call/${callId}/`, `Call/${callId}`],
    livePaths: (callId) => [`Call/${callId}/?status=live`, `Call/${callId}?status=live`],
    callRecord: { path: (callId) => `cdr/${callId}`, within: ['data'], callId: 'uuid', duration: 'billsec' },
  };
}

export const requests = callRequests<typeof configuration>(accountOf);

/**
 * The page has the path in both forms, and the SDK without its slash:
 * https://docs.vobiz.ai/call/retrieve-all-live-calls
 */
export function listUnderWay(configuration: VobizConfiguration, tools: CarrierTools): Promise<string[]> {
  return listLiveCalls(accountOf(configuration), ['Call?status=live', 'Call/?status=live'], tools);
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
