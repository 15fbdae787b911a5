/**
 * Requests to Plivo. Source: https://www.plivo.com/docs/voice/api/call (make, retrieve, hang up and cancel a call),
 * https://www.plivo.com/docs/numbers/api/account-phone-number (retrieve a number).
 */
import type { Readable } from 'node:stream';
import * as z from 'zod';
import {
  askAccount,
  askAboutAccountCall,
  askAccountCall,
  cancelAccountCall,
  placeAccountCall,
  verifyAccount,
  type CallAccount,
} from '../../dialects/plivo-xml/calls';
import { readAnswer } from '../../kit/ask';
import { textAt } from '../../kit/dial';
import { withoutPlus } from '../../kit/e164';
import { canBeOfDial } from '../../kit/running-time';
import { downloadRecording } from '../../kit/recording';
import { refuseIfWrong } from '../../kit/verification';
import type { CancelResult, CarrierCall, DialResult, OutboundCall, SentCall } from '../../port/call';
import type { Verdict } from '../../port/provider';
import type { Recording, StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import type { PlivoConfiguration } from './configuration';

/** A status takes up to three requests, and 300 in 5 seconds are allowed: https://www.plivo.com/docs/account/api/ */
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

/** A live call has its own id, a queued one the id of its request. */
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

const liveCalls = z.object({ calls: z.array(z.string()) });
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
  const list = async (filter: Record<string, string>) => {
    const query = new URLSearchParams({ ...numbers, ...filter, limit: '20' }).toString();
    return askAboutAccountCall(account, `Call/?${query}`, tools);
  };
  const ids: string[] = [];
  for (const id of readAnswer(liveCalls, await list({ status: 'live' })).calls) {
    const { body } = await askAboutAccountCall(account, `Call/${encodeURIComponent(id)}/?status=live`, tools);
    if (canBeOfDial(textAt(body, 'session_start'), sentAt)) ids.push(id);
  }
  const end_time__gte = sentAt.toISOString().slice(0, 19).replace('T', ' ');
  for (const { call_uuid, initiation_time } of readAnswer(endedCalls, await list({ end_time__gte }))
    .objects) {
    if (canBeOfDial(initiation_time, sentAt) && !ids.includes(call_uuid)) ids.push(call_uuid);
  }
  return ids;
}

/** Plivo's list includes ringing calls. */
export async function listUnderWay(
  configuration: PlivoConfiguration,
  tools: CarrierTools,
): Promise<string[]> {
  const answer = await askAboutAccountCall(accountOf(configuration), 'Call/?status=live', tools);
  return readAnswer(liveCalls, answer).calls;
}

/** Plivo stores recordings below `media.plivo.com`, and requires credentials if the account is set so. */
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

/** Reads the account's own resource, which fails with wrong credentials. */
export function verify(configuration: PlivoConfiguration, tools: CarrierTools): Promise<Verdict> {
  return verifyAccount(accountOf(configuration), '', tools);
}

export const prepare = refuseIfWrong(verify);
