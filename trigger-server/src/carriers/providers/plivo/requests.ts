/**
 * Requests to Plivo. Source: https://www.plivo.com/docs/voice/api/call (make, retrieve, hang up and cancel a call),
 * https://www.plivo.com/docs/numbers/api/account-phone-number (retrieve a number).
 */
import * as z from 'zod';
import {
  askAccount,
  askAboutAccountCall,
  callRequests,
  listLiveCalls,
  type CallAccount,
} from '../../dialects/plivo-xml/calls';
import { readAnswer } from '../../kit/ask';
import { textAt } from '../../kit/dial';
import { withoutPlus } from '../../kit/e164';
import { canBeOfDial, earliestStart } from '../../kit/running-time';
import type { SentCall } from '../../port/call';
import type { CarrierTools } from '../../port/tools';
import type { configuration, PlivoConfiguration } from './configuration';

/** A status takes up to three requests, and 300 in 5 seconds are allowed: https://www.plivo.com/docs/account/api/ */
export const questionsPerSecond = 5;

/** Calls beyond it wait at Plivo: https://www.plivo.com/docs/voice/concepts/account-limits */
export const callsPerSecond = 2;

export function accountOf({ auth_id, auth_token, amd_enabled }: PlivoConfiguration): CallAccount {
  const credentials = Buffer.from(`${auth_id}:${auth_token}`).toString('base64');
  return {
    carrier: 'Plivo',
    url: `https://api.plivo.com/v1/Account/${auth_id}/`,
    headers: { authorization: `Basic ${credentials}` },
    detectMachine: amd_enabled,
    // Credentials are required if the account is set so.
    recordingDomains: ['plivo.com'],
    ownPath: '',
    // A live call has its own id, a queued one the id of its request.
    hangUpPaths: (callId) => [`Call/${callId}/`, `Request/${callId}/`],
    livePaths: (callId) => [`Call/${callId}/?status=live`],
    callRecord: {
      path: (callId) => `Call/${callId}/`,
      within: [],
      callId: 'call_uuid',
      duration: 'bill_duration',
    },
  };
}

export const requests = callRequests<typeof configuration>(accountOf);

const endedCalls = z.object({
  objects: z.array(z.object({ call_uuid: z.string(), initiation_time: z.string() })),
});

/**
 * Searches live calls, whose list has only ids, and then ended ones. A call that ends in between is in one of the two
 * lists. https://www.plivo.com/docs/voice/api/call/retrieve-all-live-calls and
 * https://www.plivo.com/docs/voice/api/call/retrieve-all-call-details
 */
export async function findCall(
  configuration: PlivoConfiguration,
  { to, from, sentAt }: SentCall,
  tools: CarrierTools,
): Promise<string[]> {
  const account = accountOf(configuration);
  const numbers = {
    to_number: withoutPlus(to),
    ...(from === null ? {} : { from_number: withoutPlus(from) }),
    call_direction: 'outbound',
  };
  const list = (filter: Record<string, string>) =>
    `Call/?${new URLSearchParams({ ...numbers, ...filter, limit: '20' }).toString()}`;
  const ids: string[] = [];
  for (const id of await listLiveCalls(account, [list({ status: 'live' })], tools)) {
    const { body } = await askAboutAccountCall(account, `Call/${encodeURIComponent(id)}/?status=live`, tools);
    if (canBeOfDial(textAt(body, 'session_start'), sentAt)) ids.push(id);
  }
  const end_time__gte = earliestStart(sentAt).toISOString().slice(0, 19).replace('T', ' ');
  const over = await askAboutAccountCall(account, list({ end_time__gte }), tools);
  for (const { call_uuid, initiation_time } of readAnswer(endedCalls, over).objects) {
    if (canBeOfDial(initiation_time, sentAt) && !ids.includes(call_uuid)) ids.push(call_uuid);
  }
  return ids;
}

export function listUnderWay(configuration: PlivoConfiguration, tools: CarrierTools): Promise<string[]> {
  return listLiveCalls(accountOf(configuration), ['Call/?status=live'], tools);
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
