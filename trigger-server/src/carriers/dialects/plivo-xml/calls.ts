/**
 * An API that more than one carrier speaks: calls below `/Account/{auth_id}/Call/`, callbacks with `CallUUID`,
 * `CallStatus` and `HangupCauseName`, answers in XML of `Speak`, `Stream` and `Hangup`. Addresses, authentication
 * and signatures are each provider's own.
 */
import { voicemailActions } from '@dograh-trigger/shared';
import * as z from 'zod';
import type { CancelResult, CarrierCall, OutboundCall } from '../../port/call';
import type { TelephonyProvider, Verdict } from '../../port/provider';
import type { StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import type { VoicemailOffer } from '../../port/voicemail';
import { hangupReport, standingOfWord } from './reports';
import { ask, askAboutCall, CarrierFailure, readAnswer, type CarrierAnswer } from '../../kit/ask';
import { dialOverHttp, parseJson, refusalText, textAt } from '../../kit/dial';
import { withoutPlus } from '../../kit/e164';
import type { CarrierRequest } from '../../../egress/client';
import { deleteRecordingsOfCall, downloadRecording, recordingIdIn } from '../../kit/recording';
import { withRunningTime } from '../../kit/running-time';
import { refuseIfWrong, verdictOn } from '../../kit/verification';

/** One account at one carrier. */
export interface CallAccount {
  /** The carrier's name, for refusals. */
  carrier: string;
  /** The vendor's documented address of the account, with its slash: `https://…/Account/{auth_id}/`. */
  url: string;
  /** The headers that authenticate a request. */
  headers: Record<string, string>;
  /** Whether the carrier detects who has answered, for calls that do not say what happens then. */
  detectMachine: boolean;
  /** As in `RecordingOrder`. */
  recordingDomains: readonly string[];
  /** The path below `url` of something that every account may read. */
  ownPath: string;
  /** The paths below `url` that end a call, in the order in which they are tried. */
  hangUpPaths(callId: string): readonly string[];
  /** The paths below `url` of a live call, in the order in which they are tried. */
  livePaths(callId: string): readonly string[];
  callRecord: CallRecordForm;
}

/** Where the record of an ended call is, and how it names two of its fields. */
export interface CallRecordForm {
  /** Below the account. */
  path(callId: string): string;
  /** The keys that lead to the record in the reply. */
  within: readonly string[];
  callId: string;
  /** In seconds, without the ringing. */
  duration: string;
}

type Requests<Configuration extends z.ZodObject> = Required<
  Pick<
    TelephonyProvider<Configuration>,
    'placeCall' | 'cancel' | 'askStatus' | 'verify' | 'prepare' | 'openRecording' | 'deleteRecording'
  >
>;

/**
 * The requests of a provider whose vendor speaks this dialect. @param accountOf the address and credentials of a
 * configuration's account.
 */
export function callRequests<Configuration extends z.ZodObject>(
  accountOf: (configuration: z.output<Configuration>) => CallAccount,
): Requests<Configuration> {
  const verify = (configuration: z.output<Configuration>, tools: CarrierTools) =>
    verifyAccount(accountOf(configuration), tools);
  return {
    async placeCall(configuration, call, tools) {
      const account = accountOf(configuration);
      if (call.from === null) {
        return { outcome: 'refused', detail: `${account.carrier} needs one of your numbers as caller ID.` };
      }
      return dialOverHttp(tools, call.runId, dialRequest(account, call, call.from, tools), {
        carrier: account.carrier,
        callerNumber: call.from,
        callId: callIdIn,
        refusal: refusalWords,
      });
    },

    cancel: (configuration, call, tools) => cancelCall(accountOf(configuration), call, tools),

    askStatus: (configuration, call, tools) => askStatus(accountOf(configuration), call, tools),

    verify,
    prepare: refuseIfWrong(verify),

    openRecording(configuration, { url }, tools) {
      const { headers, recordingDomains: domains } = accountOf(configuration);
      return downloadRecording(tools, { url, domains, headers });
    },

    /** https://www.plivo.com/docs/voice/api/recording and https://docs.vobiz.ai/recording/delete-recording */
    async deleteRecording(configuration, { url }, tools) {
      const { url: account, headers } = accountOf(configuration);
      await deleteRecordingsOfCall(tools, recordingIdIn(url), {
        one: (id) => tools.apiUrl(`${account}Recording/${encodeURIComponent(id)}/`),
        ofCall: (callId) => tools.apiUrl(`${account}Recording/?call_uuid=${encodeURIComponent(callId)}`),
        headers,
        list: 'objects',
        id: 'recording_id',
        callId: 'call_uuid',
      });
    },
  };
}

function dialRequest(
  account: CallAccount,
  call: OutboundCall,
  from: string,
  tools: CarrierTools,
): CarrierRequest {
  const fields = {
    from: withoutPlus(from),
    to: withoutPlus(call.to),
    answer_url: call.callbackUrl('answer'),
    answer_method: 'POST',
    ring_url: call.callbackUrl('ring'),
    ring_method: 'POST',
    hangup_url: call.callbackUrl('hangup'),
    hangup_method: 'POST',
    ring_timeout: call.ringTimeoutSeconds,
    time_limit: call.maxCallDurationSeconds,
    ...machineDetection(call, account.detectMachine),
  };
  return {
    method: 'POST',
    url: tools.apiUrl(`${account.url}Call/`),
    headers: { ...account.headers, 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  };
}

/**
 * With a URL these carriers detect beside the call, so that the callee does not wait, and report a machine only. Without
 * one they detect before the call goes on, so that a machine hears nothing.
 * Sources: https://www.plivo.com/docs/voice/concepts/machine-detection and https://docs.vobiz.ai/call/machine-detection
 */
function machineDetection(call: OutboundCall, isUsual: boolean): object {
  if (call.voicemail === 'hang_up') return { machine_detection: 'hangup' };
  if (call.voicemail === null && !isUsual) return {};
  return {
    machine_detection: 'true',
    machine_detection_url: call.callbackUrl('status'),
    machine_detection_method: 'POST',
  };
}

/** Their detection takes five seconds. It reports no person, so people hear a silence of that length at most. */
export const voicemail: VoicemailOffer = {
  announce: voicemailActions,
  stream: voicemailActions,
  waitsSeconds: 8,
};

/**
 * Replaces the instructions of a call under way by the document at this address. Sources:
 * https://docs.plivo.com/docs/voice/api/call/transfer-a-call and https://docs.vobiz.ai/call/transfer-call
 */
export async function transferAccountCall(
  account: CallAccount,
  { callId, runId }: Pick<CarrierCall, 'callId' | 'runId'>,
  aleg_url: string,
  tools: CarrierTools,
): Promise<void> {
  const answer = await ask(tools, {
    method: 'POST',
    url: tools.apiUrl(`${account.url}Call/${encodeURIComponent(callId)}/`),
    headers: { ...account.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ legs: 'aleg', aleg_url, aleg_method: 'POST' }),
  });
  if (answer === null || answer.status < 300) return;
  tools.log.warn({ runId, status: answer.status }, 'a carrier did not redirect a call to its message');
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

/**
 * The reply to the first path that is right: 404 is the answer to a wrong path and about a call that is not there, and a
 * redirect or 401 may mean a wrong path, too.
 * @returns a 404 or a redirect if no path was right. @throws NotSentError, NoReplyError, CarrierFailure.
 */
async function askByPaths(
  account: CallAccount,
  [path = '', ...others]: readonly string[],
  tools: CarrierTools,
): Promise<CarrierAnswer> {
  if (others.length === 0) return askAboutAccountCall(account, path, tools);
  let reply: CarrierAnswer;
  try {
    reply = await askAboutAccountCall(account, path, tools);
  } catch (error) {
    if (isUnauthorized(error)) return askByPaths(account, others, tools);
    throw error;
  }
  if (reply.status !== 404 && (reply.status < 300 || reply.status >= 400)) return reply;
  try {
    return await askByPaths(account, others, tools);
  } catch (error) {
    if (isUnauthorized(error)) return reply;
    throw error;
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof CarrierFailure && error.status === 401;
}

const liveCalls = z.object({ calls: z.array(z.string()) });

/**
 * The ids of the calls that a list of live calls has. It includes ringing ones.
 * @param paths in the order in which they are tried. @throws NotSentError, NoReplyError, CarrierFailure.
 */
export async function listLiveCalls(
  account: CallAccount,
  paths: readonly string[],
  tools: CarrierTools,
): Promise<string[]> {
  return readAnswer(liveCalls, await askByPaths(account, paths, tools)).calls;
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

/** The vendors do not say which of the two is wrong, and some of their refusals have no words. */
async function verifyAccount(account: CallAccount, tools: CarrierTools): Promise<Verdict> {
  const wrong = { 401: 'auth_token', 403: 'auth_token' };
  const answer = await askAccount(account, account.ownPath, tools);
  const isRefused = answer?.status === 401 || answer?.status === 403;
  const unsaid = isRefused ? 'the Auth ID or Auth Token is wrong' : undefined;
  const words = (body: unknown) => refusalWords(body) ?? unsaid;
  return verdictOn(answer, { carrier: account.carrier, words, wrong });
}

/** 404 is the answer to a wrong path and about a call that is over; a redirect and 401 may mean a wrong path, too. */
async function cancelCall(
  account: CallAccount,
  { callId }: CarrierCall,
  tools: CarrierTools,
): Promise<CancelResult> {
  let isOver = false;
  let detail = '';
  for (const path of account.hangUpPaths(encodeURIComponent(callId))) {
    const url = tools.apiUrl(account.url + path);
    const { status, body } = await tools.http({ method: 'DELETE', url, headers: account.headers });
    if (status >= 200 && status < 300) return { outcome: 'accepted' };
    isOver ||= status === 404;
    detail = refusalText(account.carrier, status, refusalWords(parseJson(body)));
    if (status >= 400 && status !== 401 && status !== 404) return { outcome: 'refused', detail };
  }
  return isOver ? { outcome: 'gone' } : { outcome: 'refused', detail };
}

/** A call is one of three resources: live, queued, or the record of an ended call. */
async function askStatus(
  account: CallAccount,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<StatusReport | null> {
  const { callRecord } = account;
  const callId = encodeURIComponent(call.callId);
  for (const paths of [account.livePaths(callId), [`Call/${callId}/?status=queued`]]) {
    const reply = await askByPaths(account, paths, tools);
    if (reply.status === 200) return readLive(reply);
    if (reply.status !== 404) return null;
  }
  const reply = await askAboutAccountCall(account, callRecord.path(callId), tools);
  return reply.status === 200 ? readRecord(reply.body, callRecord) : null;
}

function readLive({ body, date }: CarrierAnswer): StatusReport | null {
  const word = textAt(body, 'call_status');
  if (word === undefined) return null;
  return withRunningTime(
    { ...standingOfWord(word), rawStatus: word, ...identified(textAt(body, 'call_uuid')) },
    textAt(body, 'session_start'),
    date,
  );
}

function readRecord(body: unknown, form: CallRecordForm): StatusReport | null {
  const field = (name: string) => textAt(body, ...form.within, name);
  if (field('end_time') === undefined) return null;
  return {
    ...identified(field(form.callId)),
    ...hangupReport({
      word: 'hangup',
      cause: field('hangup_cause_name'),
      source: field('hangup_source'),
      wasAnswered: (field('answer_time') ?? '') !== '',
      duration: field(form.duration),
    }),
  };
}

function identified(callId: string | undefined): { callId?: string } {
  return callId === undefined ? {} : { callId };
}
