/**
 * Requests to Vonage. Sources: https://developer.vonage.com/en/api/voice and
 * https://developer.vonage.com/en/api/numbers
 */
import { voicemailActions } from '@dograh-trigger/shared';
import { createPublicKey, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { sign } from 'jsonwebtoken';
import * as z from 'zod';
import { ask, askAboutCall, readAnswer } from '../../kit/ask';
import { dialOverHttp, parseJson, refusalText, textAt } from '../../kit/dial';
import { withoutPlus } from '../../kit/e164';
import type { CarrierRequest } from '../../../egress/client';
import { downloadRecording } from '../../kit/recording';
import { earliestStart, longestDialMilliseconds, withRunningTime } from '../../kit/running-time';
import { refuseIfWrong, verdictOn } from '../../kit/verification';
import type { CancelResult, CarrierCall, DialResult, OutboundCall, SentCall } from '../../port/call';
import type { Verdict } from '../../port/provider';
import type { Recording, StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import type { VoicemailOffer } from '../../port/voicemail';
import type { VonageConfiguration } from './configuration';
import { statusReport } from './statuses';

const tokenSeconds = 900;

export const carrier = 'Vonage';

/**
 * The limit is 15 requests a second, dials excluded:
 * https://developer.vonage.com/en/voice/voice-api/guides/troubleshooting
 */
export const questionsPerSecond = 5;

/** Vonage answers 429 beyond it: https://developer.vonage.com/en/voice/voice-api/concepts/cps-limit */
export const callsPerSecond = 3;

export function placeCall(
  configuration: VonageConfiguration,
  call: OutboundCall,
  tools: CarrierTools,
): Promise<DialResult> {
  const order = voiceRequest(configuration, tools, { method: 'POST', body: dialBody(configuration, call) });
  return dialOverHttp(tools, call.runId, order, {
    carrier,
    callerNumber: call.from,
    callId: (body) => textAt(body, 'uuid'),
    refusal: refusalWords,
  });
}

/** Null when Vonage does not know the call, or its reply cannot be read. */
export async function askStatus(
  configuration: VonageConfiguration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<StatusReport | null> {
  const { callId } = call;
  const answer = await askAboutCall(tools, voiceRequest(configuration, tools, { method: 'GET', callId }));
  if (answer.status !== 200 || textAt(answer.body, 'status') === undefined) return null;
  return withRunningTime(statusReport(answer.body), textAt(answer.body, 'start_time'), answer.date);
}

const listedCall = z.object({
  uuid: z.string(),
  direction: z.string(),
  to: z.object({ number: z.string().optional() }),
  from: z.object({ number: z.string().optional() }),
});
const listedCalls = z.object({ _embedded: z.object({ calls: z.array(listedCall) }) });

/** The list is filtered by time alone, newest first: https://developer.vonage.com/en/api/voice#getCalls */
export async function findCall(
  configuration: VonageConfiguration,
  { to, from, sentAt }: SentCall,
  tools: CarrierTools,
): Promise<string[]> {
  const query = new URLSearchParams({
    date_start: earliestStart(sentAt).toISOString(),
    date_end: new Date(sentAt.getTime() + longestDialMilliseconds).toISOString(),
    order: 'desc',
    page_size: '100',
  });
  const request = voiceRequest(configuration, tools, { method: 'GET', query: query.toString() });
  const answer = await askAboutCall(tools, request);
  return readAnswer(listedCalls, answer)
    ._embedded.calls.filter((call) => call.direction === 'outbound')
    .filter((call) => call.to.number === withoutPlus(to))
    .filter((call) => from === null || call.from.number === withoutPlus(from))
    .map(({ uuid }) => uuid);
}

export async function listUnderWay(
  configuration: VonageConfiguration,
  tools: CarrierTools,
): Promise<string[]> {
  const query = 'status=answered&page_size=100';
  const answer = await askAboutCall(tools, voiceRequest(configuration, tools, { method: 'GET', query }));
  return readAnswer(listedCalls, answer)._embedded.calls.map(({ uuid }) => uuid);
}

export async function cancel(
  configuration: VonageConfiguration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<CancelResult> {
  const reply = await tools.http(
    voiceRequest(configuration, tools, { method: 'PUT', callId: call.callId, body: { action: 'hangup' } }),
  );
  if (reply.status >= 200 && reply.status < 300) return { outcome: 'accepted' };
  if (reply.status === 404) return { outcome: 'gone' };
  return {
    outcome: 'refused',
    detail: refusalText(carrier, reply.status, refusalWords(parseJson(reply.body))),
  };
}

/** The seconds after the answer in which Vonage listens for a beep: the least that it accepts. */
const beepSeconds = 45;

/** The last event about a machine comes when Vonage has heard no beep. */
export const voicemail: VoicemailOffer = {
  announce: voicemailActions,
  stream: voicemailActions,
  waitsSeconds: beepSeconds + 15,
};

/**
 * Replaces the actions of a call under way by those at this address:
 * https://developer.vonage.com/en/api/voice#updateCall
 */
export async function transfer(
  configuration: VonageConfiguration,
  { callId, runId }: Pick<CarrierCall, 'callId' | 'runId'>,
  url: string,
  tools: CarrierTools,
): Promise<void> {
  const body = { action: 'transfer', destination: { type: 'ncco', url: [url] } };
  const answer = await ask(tools, voiceRequest(configuration, tools, { method: 'PUT', callId, body }));
  if (answer === null || answer.status < 300) return;
  tools.log.warn({ runId, status: answer.status }, 'a carrier did not redirect a call to its message');
}

/** Each region has its own host: https://developer.vonage.com/en/voice/voice-api/concepts/recording */
export function openRecording(
  configuration: VonageConfiguration,
  { url }: Recording,
  tools: CarrierTools,
): Promise<Readable> {
  const headers = { authorization: `Bearer ${applicationToken(configuration, tools.clock.now())}` };
  return downloadRecording(tools, { url, domains: ['nexmo.com', 'vonage.com'], headers });
}

const ownNumbers = z.object({ numbers: z.array(z.object({ msisdn: z.string() })).default([]) });

/** Vonage omits `numbers` when none match. */
export async function ownsNumber(
  configuration: VonageConfiguration,
  number: string,
  tools: CarrierTools,
): Promise<boolean | null> {
  const msisdn = withoutPlus(number);
  const url = `https://rest.nexmo.com/account/numbers?pattern=${msisdn}&search_pattern=0`;
  const answer = await ask(tools, accountRequest(configuration, tools, url));
  const listed = ownNumbers.safeParse(answer?.body);
  if (answer?.status !== 200 || !listed.success) return null;
  return listed.data.numbers.some((own) => own.msisdn === msisdn);
}

const application = z.object({
  keys: z.object({ public_key: z.string() }).optional(),
  capabilities: z.object({ voice: z.object({ signed_callbacks: z.boolean().optional() }).optional() }),
});

/**
 * Whether the account, the application and the key belong together. A mistake would otherwise only appear at the first
 * call. Source: https://developer.vonage.com/en/api/application.v2#getApplication
 */
export async function verify(configuration: VonageConfiguration, tools: CarrierTools): Promise<Verdict> {
  const url = `https://api.nexmo.com/v2/applications/${configuration.application_id}`;
  const answer = await ask(tools, accountRequest(configuration, tools, url));
  const wrong = { 401: 'api_secret', 403: 'api_secret', 404: 'application_id' };
  const verdict = verdictOn(answer, { carrier, words: refusalWords, wrong });
  const read = application.safeParse(answer?.body);
  if (verdict.ok !== true || !read.success) return verdict;
  return faultOf(read.data, configuration) ?? verdict;
}

export const prepare = refuseIfWrong(verify);

function faultOf(
  { keys, capabilities }: z.output<typeof application>,
  { private_key }: VonageConfiguration,
): Verdict | null {
  if (capabilities.voice === undefined) {
    return {
      ok: false,
      detail: 'This Vonage application has no Voice capability. Turn it on in the Vonage dashboard.',
      field: 'application_id',
    };
  }
  if (capabilities.voice.signed_callbacks === false) {
    return {
      ok: false,
      detail:
        'This Vonage application does not sign its webhooks, so no event could be verified. Turn on signed webhooks under its Voice capability.',
      field: 'application_id',
    };
  }
  if (keys !== undefined && !isPair(keys.public_key, private_key)) {
    return {
      ok: false,
      detail: 'The private key is not the one of this Vonage application.',
      field: 'private_key',
    };
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

/** A request with the account's key and secret, for APIs other than the Voice API. */
function accountRequest(
  { api_key, api_secret }: VonageConfiguration,
  tools: CarrierTools,
  url: string,
): CarrierRequest {
  const credentials = Buffer.from(`${api_key}:${api_secret}`).toString('base64');
  return {
    method: 'GET',
    url: tools.apiUrl(url),
    headers: { accept: 'application/json', authorization: `Basic ${credentials}` },
  };
}

function voiceRequest(
  configuration: VonageConfiguration,
  tools: CarrierTools,
  {
    method,
    callId,
    query,
    body,
  }: { method: CarrierRequest['method']; callId?: string; query?: string; body?: object },
): CarrierRequest {
  const call = callId === undefined ? '' : `/${encodeURIComponent(callId)}`;
  return {
    method,
    url: tools.apiUrl(`https://api.nexmo.com/v1/calls${call}${query === undefined ? '' : `?${query}`}`),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${applicationToken(configuration, tools.clock.now())}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

/** Source: https://developer.vonage.com/en/getting-started/concepts/authentication#json-web-tokens */
function applicationToken({ application_id, private_key }: VonageConfiguration, now: Date): string {
  const iat = Math.floor(now.getTime() / 1000);
  return sign({ application_id, iat, exp: iat + tokenSeconds, jti: randomUUID() }, private_key, {
    algorithm: 'RS256',
  });
}

function dialBody(configuration: VonageConfiguration, call: OutboundCall): object {
  return {
    to: [{ type: 'phone', number: withoutPlus(call.to) }],
    ...(call.from === null
      ? { random_from_number: true }
      : { from: { type: 'phone', number: withoutPlus(call.from) } }),
    answer_url: [call.callbackUrl('answer')],
    answer_method: 'GET',
    event_url: [call.callbackUrl('status')],
    event_method: 'POST',
    ringing_timer: call.ringTimeoutSeconds,
    length_timer: call.maxCallDurationSeconds,
    ...machineDetection(configuration, call),
  };
}

/**
 * In the mode `default` Vonage detects beside the call, so that people do not wait, and reports the beep. In `detect` it
 * detects before its first action, so that a machine hears nothing.
 * Source: https://developer.vonage.com/en/voice/voice-api/concepts/advanced-machine-detection
 */
function machineDetection(configuration: VonageConfiguration, { voicemail }: OutboundCall): object {
  const { amd_enabled, amd_behavior, amd_mode } = configuration;
  switch (voicemail) {
    case 'leave_message':
      return {
        advanced_machine_detection: { behavior: 'continue', mode: 'default', beep_timeout: beepSeconds },
      };
    case 'hang_up':
      return { advanced_machine_detection: { behavior: 'hangup', mode: 'detect' } };
    case 'speak':
      return detection('continue', amd_mode);
    case null:
      return amd_enabled ? detection(amd_behavior, amd_mode) : {};
  }
}

function detection(behavior: 'continue' | 'hangup', mode: VonageConfiguration['amd_mode']): object {
  return mode === 'standard'
    ? { machine_detection: behavior }
    : { advanced_machine_detection: { behavior, mode } };
}

/** The Voice API answers with `title` and `detail`, its gateway with `error_title`, the account API with `error-code`. */
function refusalWords(body: unknown): string {
  return [
    textAt(body, 'title') ?? textAt(body, 'error_title') ?? textAt(body, 'error-code'),
    textAt(body, 'detail') ?? textAt(body, 'error-code-label'),
    textAt(body, 'invalid_parameters', 0, 'name'),
    textAt(body, 'invalid_parameters', 0, 'reason'),
  ]
    .filter((words) => words !== undefined)
    .join(': ');
}
