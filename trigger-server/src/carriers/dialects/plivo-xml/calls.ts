/**
 * An API that more than one carrier speaks: calls below `/Account/{auth_id}/Call/`, callbacks with `CallUUID`,
 * `CallStatus` and `HangupCauseName`, answers in XML of `Speak`, `Stream` and `Hangup`. Addresses, authentication
 * and signatures are each provider's own.
 */
import type { CancelResult, CarrierCall, DialResult, OutboundCall } from '../../port/call';
import type { Verdict } from '../../port/provider';
import type { StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { hangupReport, standingOfWord } from './reports';
import { ask, askAboutCall, type CarrierAnswer } from '../../kit/ask';
import { dialOverHttp, parseJson, refusalText, textAt } from '../../kit/dial';
import { withoutPlus } from '../../kit/e164';
import type { CarrierRequest } from '../../../egress/client';
import { withRunningTime } from '../../kit/running-time';
import { verdictOn } from '../../kit/verification';

/** One account at one carrier. */
export interface CallAccount {
  /** The carrier's name, for refusals. */
  carrier: string;
  /** The vendor's documented address of the account, with its slash: `https://…/Account/{auth_id}/`. */
  url: string;
  /** The headers that authenticate a request. */
  headers: Record<string, string>;
}

/**
 * @param detectMachine asks for detection during the call (reported to purpose `status`), so that the callee does not
 * wait.
 */
export async function placeAccountCall(
  account: CallAccount,
  call: OutboundCall,
  detectMachine: boolean,
  tools: CarrierTools,
): Promise<DialResult> {
  if (call.from === null) {
    return { outcome: 'refused', detail: `${account.carrier} needs one of your numbers as caller ID.` };
  }
  const fields = {
    from: withoutPlus(call.from),
    to: withoutPlus(call.to),
    answer_url: call.callbackUrl('answer'),
    answer_method: 'POST',
    ring_url: call.callbackUrl('ring'),
    ring_method: 'POST',
    hangup_url: call.callbackUrl('hangup'),
    hangup_method: 'POST',
    ring_timeout: call.ringTimeoutSeconds,
    time_limit: call.maxCallDurationSeconds,
    ...(detectMachine
      ? {
          machine_detection: 'true',
          machine_detection_url: call.callbackUrl('status'),
          machine_detection_method: 'POST',
        }
      : {}),
  };
  const order: CarrierRequest = {
    method: 'POST',
    url: tools.apiUrl(`${account.url}Call/`),
    headers: { ...account.headers, 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  };
  return dialOverHttp(tools, call.runId, order, {
    carrier: account.carrier,
    callerNumber: call.from,
    callId: callIdIn,
    refusal: refusalWords,
  });
}

/** Until a callback has the id of the call, the id of its request is used. */
function callIdIn(body: unknown): string | undefined {
  for (const key of ['request_uuid', 'RequestUUID', 'call_uuid', 'CallUUID', 'call_uuids']) {
    const id = textAt(body, key) ?? textAt(body, key, 0);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** All of these forms occur: `{"error": "…"}`, `{"error": {"code": "…", "message": "…"}}`, `{"message": "…"}`. */
function refusalWords(body: unknown): string | undefined {
  const code = textAt(body, 'error', 'code');
  const message = textAt(body, 'error', 'message') ?? textAt(body, 'error') ?? textAt(body, 'message');
  return code === undefined ? message : `${code} ${message ?? ''}`;
}

/** The reply to a GET below the account; null without a reply. */
export function askAccount(
  account: CallAccount,
  path: string,
  tools: CarrierTools,
): Promise<CarrierAnswer | null> {
  return ask(tools, getRequest(account, path, tools));
}

/** @throws NotSentError, NoReplyError, CarrierFailure. */
export function askAboutAccountCall(
  account: CallAccount,
  path: string,
  tools: CarrierTools,
): Promise<CarrierAnswer> {
  return askAboutCall(tools, getRequest(account, path, tools));
}

function getRequest(account: CallAccount, path: string, tools: CarrierTools): CarrierRequest {
  return { method: 'GET', url: tools.apiUrl(account.url + path), headers: account.headers };
}

/** @param path below the account, of a resource that every account may read. */
export async function verifyAccount(
  account: CallAccount,
  path: string,
  tools: CarrierTools,
): Promise<Verdict> {
  // The vendors do not say which of the two is wrong, and some of their refusals have no words.
  const wrong = { 401: 'auth_token', 403: 'auth_token' };
  const answer = await askAccount(account, path, tools);
  const isRefused = answer?.status === 401 || answer?.status === 403;
  const unsaid = isRefused ? 'the Auth ID or Auth Token is wrong' : undefined;
  const words = (body: unknown) => refusalWords(body) ?? unsaid;
  return verdictOn(answer, { carrier: account.carrier, words, wrong });
}

/**
 * @param resources the resources to try, in this order: live calls, and requests that are still queued.
 * @throws NotSentError, NoReplyError.
 */
export async function cancelAccountCall(
  account: CallAccount,
  resources: readonly string[],
  call: CarrierCall,
  tools: CarrierTools,
): Promise<CancelResult> {
  for (const resource of resources) {
    const url = tools.apiUrl(`${account.url}${resource}/${encodeURIComponent(call.callId)}/`);
    const { status, body } = await tools.http({ method: 'DELETE', url, headers: account.headers });
    if (status >= 200 && status < 300) return { outcome: 'accepted' };
    if (status !== 404) {
      return {
        outcome: 'refused',
        detail: refusalText(account.carrier, status, refusalWords(parseJson(body))),
      };
    }
  }
  return { outcome: 'gone' };
}

/** A call is one of three resources: live, queued, or the record of an ended call. */
export async function askAccountCall(
  account: CallAccount,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<StatusReport | null> {
  for (const query of ['?status=live', '?status=queued', '']) {
    const path = `Call/${encodeURIComponent(call.callId)}/${query}`;
    const reply = await askAboutAccountCall(account, path, tools);
    if (reply.status === 404) continue;
    if (reply.status < 200 || reply.status >= 300) return null;
    return query === '' ? readRecord(reply.body) : readLive(reply);
  }
  return null;
}

function readLive({ body, date }: CarrierAnswer): StatusReport | null {
  const word = textAt(body, 'call_status');
  if (word === undefined) return null;
  return withRunningTime(
    { ...standingOfWord(word), rawStatus: word, ...callIdOf(body) },
    textAt(body, 'session_start'),
    date,
  );
}

function readRecord(body: unknown): StatusReport | null {
  if (textAt(body, 'end_time') === undefined) return null;
  const duration = textAt(body, 'bill_duration') ?? textAt(body, 'call_duration');
  return {
    ...callIdOf(body),
    ...hangupReport({
      word: 'hangup',
      cause: textAt(body, 'hangup_cause_name'),
      source: textAt(body, 'hangup_source'),
      wasAnswered: (textAt(body, 'answer_time') ?? '') !== '',
      duration,
    }),
  };
}

function callIdOf(body: unknown): { callId?: string } {
  const callId = textAt(body, 'call_uuid');
  return callId === undefined ? {} : { callId };
}
