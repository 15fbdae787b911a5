/** Requests to Telnyx. Source: https://developers.telnyx.com/api-reference/call-commands/dial */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import * as z from 'zod';
import { ask, askAboutCall, readAnswer } from '../../kit/ask';
import { dialOverHttp, parseJson, refusalText, textAt } from '../../kit/dial';
import { DownloadError } from '../../../egress/download';
import type { CarrierRequest } from '../../../egress/client';
import { deleteOverHttp } from '../../kit/recording';
import { withRunningTime } from '../../kit/running-time';
import { refuseIfWrong, verdictOn } from '../../kit/verification';
import type { CancelResult, CarrierCall, DialResult, OutboundCall, SentCall } from '../../port/call';
import type { Verdict } from '../../port/provider';
import { ended, type Recording, type StatusReport } from '../../port/report';
import type { Instruction } from '../../port/instructions';
import type { CarrierTools } from '../../port/tools';
import type { TelnyxConfiguration } from './configuration';
import { dialState, isOfDial } from './instructions';
import { isOfAnsweredCall } from './statuses';

export const carrier = 'Telnyx';

/**
 * Telnyx documents no limit, and answers 429 above it:
 * https://developers.telnyx.com/development/api-fundamentals/reliability/rate-limiting
 */
export const questionsPerSecond = 5;

/**
 * Telnyx answers 429 beyond it: https://developers.telnyx.com/docs/voice/programmable-voice/dials-per-second-limit
 */
export const callsPerSecond = 30;

const apiUrl = 'https://api.telnyx.com/v2';

/** Telnyx refuses shorter limits. */
const shortestLimitSeconds = 30;

/** "Call has already ended": https://developers.telnyx.com/development/api-fundamentals/api-errors/90018 */
const callHasEnded = '90018';

export async function placeCall(
  configuration: TelnyxConfiguration,
  call: OutboundCall,
  tools: CarrierTools,
): Promise<DialResult> {
  const order = request(
    configuration,
    tools,
    '/calls',
    dialBody(configuration, call, await call.loadInstructions()),
  );
  return dialOverHttp(tools, call.runId, order, {
    carrier,
    callerNumber: call.from,
    callId: (body) => textAt(body, 'data', 'call_control_id'),
    refusal: words,
  });
}

/** Speech is commanded after the answer. A stream is part of the dial and starts without a command. */
function dialBody(
  configuration: TelnyxConfiguration,
  call: OutboundCall,
  instructions: readonly Instruction[],
): object {
  const stream = instructions.find((instruction) => instruction.name === 'connect');
  return {
    connection_id: configuration.connection_id,
    to: call.to,
    from: call.from,
    timeout_secs: call.ringTimeoutSeconds,
    time_limit_secs: Math.max(shortestLimitSeconds, call.maxCallDurationSeconds),
    webhook_url: call.callbackUrl('status'),
    webhook_url_method: 'POST',
    ...machineDetection(configuration, call),
    ...(call.record ? { record: 'record-from-answer', record_channels: 'single', record_format: 'wav' } : {}),
    ...(stream === undefined
      ? {}
      : {
          stream_url: stream.url,
          stream_track: 'inbound_track',
          stream_bidirectional_mode: 'rtp',
          stream_bidirectional_codec: 'PCMU',
        }),
    client_state: dialState(markOf(call), stream?.parameters ?? {}),
  };
}

/** Identifies a dial at Telnyx, also if two servers share the account: the address holds an HMAC over the run. */
function markOf({ callbackUrl }: Pick<OutboundCall, 'callbackUrl'>): string {
  return createHash('sha256').update(callbackUrl('status')).digest('base64url').slice(0, 22);
}

/**
 * Only `greeting_end` always reports the end of a machine's greeting, or that it found none.
 * Source: https://developers.telnyx.com/docs/voice/programmable-voice/answering-machine-detection
 */
function machineDetection(
  { amd_enabled, amd_mode }: TelnyxConfiguration,
  { voicemail }: OutboundCall,
): object {
  if (voicemail === 'leave_message') return { answering_machine_detection: 'greeting_end' };
  return amd_enabled || voicemail !== null ? { answering_machine_detection: amd_mode } : {};
}

/**
 * Until ten minutes after the end of a call, Telnyx says whether it has ended, but not how. The events of the call show
 * whether it was answered while no report arrived.
 */
export async function askStatus(
  configuration: TelnyxConfiguration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<StatusReport | null> {
  const answer = await askAboutCall(tools, request(configuration, tools, callPath(call.callId)));
  const found = callStatus.safeParse(answer.body);
  if (answer.status !== 200 || !found.success) return null;
  const { is_alive, call_duration, start_time, call_leg_id } = found.data.data;
  const rawStatus = `is_alive:${String(is_alive)}`;
  if (is_alive) return withRunningTime({ status: 'unknown', rawStatus }, start_time, answer.date);
  const wasAnswered = call.status === 'answered' || (await askAnswered(configuration, call_leg_id, tools));
  if (wasAnswered === null) return { ...ended('unexplained'), rawStatus };
  if (!wasAnswered) return { ...ended('failed'), rawStatus };
  return {
    ...ended('talk_ended'),
    rawStatus,
    wasAnswered: true,
    ...(call_duration === undefined ? {} : { durationSeconds: call_duration }),
  };
}

/**
 * Whether a call that has ended was answered; null if Telnyx lists no events of it.
 * Source: https://developers.telnyx.com/api-reference/debugging/list-call-events
 */
async function askAnswered(
  configuration: TelnyxConfiguration,
  callLegId: string | undefined,
  tools: CarrierTools,
): Promise<boolean | null> {
  if (callLegId === undefined) return null;
  const query = new URLSearchParams({ 'filter[leg_id]': callLegId }).toString();
  const answer = await askAboutCall(tools, request(configuration, tools, `/call_events?${query}`));
  const events = callEvents.safeParse(answer.body).data?.data ?? [];
  return events.length === 0 ? null : events.some(({ name }) => isOfAnsweredCall(name));
}

const callEvents = z.object({ data: z.array(z.object({ name: z.string() })) });

/** The state of the dial is in the list, so the call of a dial is found as long as it has not ended. */
export async function findCall(
  configuration: TelnyxConfiguration,
  sent: SentCall,
  tools: CarrierTools,
): Promise<string[]> {
  const mark = markOf(sent);
  return (await listActive(configuration, tools))
    .filter(({ client_state }) => isOfDial(client_state ?? undefined, mark))
    .map(({ call_control_id }) => call_control_id);
}

/** The list includes ringing calls. */
export async function listUnderWay(
  configuration: TelnyxConfiguration,
  tools: CarrierTools,
): Promise<string[]> {
  return (await listActive(configuration, tools)).map(({ call_control_id }) => call_control_id);
}

const activeCalls = z.object({
  data: z.array(z.object({ call_control_id: z.string(), client_state: z.string().nullish() })),
});

/** Source: https://developers.telnyx.com/api-reference/call-information/list-all-active-calls-for-given-connection */
async function listActive(
  configuration: TelnyxConfiguration,
  tools: CarrierTools,
): Promise<z.output<typeof activeCalls>['data']> {
  const path = `/connections/${configuration.connection_id}/active_calls`;
  const answer = await askAboutCall(tools, request(configuration, tools, path));
  return readAnswer(activeCalls, answer).data;
}

const callStatus = z.object({
  data: z.object({
    is_alive: z.boolean(),
    call_duration: z.number().min(0).optional(),
    start_time: z.string().optional(),
    call_leg_id: z.string().optional(),
  }),
});

export async function cancel(
  configuration: TelnyxConfiguration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<CancelResult> {
  const reply = await command(configuration, tools, call.callId, 'hangup', { command_id: 'hangup' });
  if (reply.status < 300) return { outcome: 'accepted' };
  if (hasEnded(reply)) return { outcome: 'gone' };
  return { outcome: 'refused', detail: refusalText(carrier, reply.status, words(reply.body)) };
}

/**
 * The caller ID may be a number of the account or one verified for it. The search is by digits alone: a plus would
 * match nothing.
 */
export async function ownsNumber(
  configuration: TelnyxConfiguration,
  number: string,
  tools: CarrierTools,
): Promise<boolean | null> {
  const query = new URLSearchParams({ 'filter[phone_number]': number.slice(1) }).toString();
  const own = await ask(tools, request(configuration, tools, `/phone_numbers?${query}`));
  const listed = ownNumbers.safeParse(own?.body);
  if (own?.status !== 200 || !listed.success) return null;
  if (listed.data.data.some(({ phone_number }) => phone_number === number)) return true;

  const verified = await ask(
    tools,
    request(configuration, tools, `/verified_numbers/${encodeURIComponent(number)}`),
  );
  if (verified?.status === 404) return false;
  return verified?.status === 200 ? true : null;
}

const ownNumbers = z.object({ data: z.array(z.object({ phone_number: z.string() })) });

/**
 * Whether there is such an application, and whether it can dial.
 * Source: https://developers.telnyx.com/api-reference/call-control-applications/retrieve-a-call-control-application
 */
export async function verify(configuration: TelnyxConfiguration, tools: CarrierTools): Promise<Verdict> {
  const path = `/call_control_applications/${configuration.connection_id}`;
  const answer = await ask(tools, request(configuration, tools, path));
  const wrong = { 401: 'api_key', 403: 'api_key', 404: 'connection_id' };
  const verdict = verdictOn(answer, { carrier, words, wrong });
  const profile = textAt(answer?.body, 'data', 'outbound', 'outbound_voice_profile_id') ?? '';
  if (verdict.ok !== true || profile !== '') return verdict;
  return {
    ok: false,
    detail:
      'This Telnyx application has no outbound voice profile, so Telnyx would refuse every call (D38). Give it one in the Mission Control Portal, under Outbound.',
    field: 'connection_id',
  };
}

export const prepare = refuseIfWrong(verify);

/**
 * The address of the list of a call's recordings. Links in it are valid for ten minutes, so each attempt requests the
 * list again.
 */
export function recordingOf(callLegId: string): Recording {
  return { url: `${recordingsUrl}${encodeURIComponent(callLegId)}` };
}

const recordingsUrl = `${apiUrl}/recordings?filter[call_leg_id]=`;

/**
 * The link leads to another company's storage, which needs no credentials and gets none.
 * Source: https://developers.telnyx.com/api-reference/call-recordings/list-all-call-recordings
 */
export async function openRecording(
  configuration: TelnyxConfiguration,
  { url }: Recording,
  tools: CarrierTools,
): Promise<Readable> {
  if (!url.startsWith(recordingsUrl))
    throw new DownloadError('the carrier named no recording of a call', true);
  const answer = await ask(tools, request(configuration, tools, url.slice(apiUrl.length)));
  const link = textAt(answer?.body, 'data', 0, 'download_urls', 'wav');
  if (link === undefined || !URL.canParse(link)) {
    throw new DownloadError('the carrier does not have it yet', false);
  }
  return tools.download({ url: link, headers: {}, guarded: true });
}

/**
 * Deletes all recordings of the call.
 * Source: https://developers.telnyx.com/api-reference/call-recordings/delete-a-call-recording
 */
export async function deleteRecording(
  configuration: TelnyxConfiguration,
  { url }: Recording,
  tools: CarrierTools,
): Promise<void> {
  if (!url.startsWith(recordingsUrl))
    throw new DownloadError('the carrier named no recording of a call', true);
  const answer = await askAboutCall(tools, request(configuration, tools, url.slice(apiUrl.length)));
  for (const { id } of readAnswer(listedRecordings, answer).data) {
    const path = `/recordings/${encodeURIComponent(id)}`;
    await deleteOverHttp(tools, request(configuration, tools, path));
  }
}

const listedRecordings = z.object({ data: z.array(z.object({ id: z.string() })) });

export interface CommandReply {
  status: number;
  body: unknown;
}

/** @param facts with a `command_id`: Telnyx carries out each id only once per call. @throws NotSentError, NoReplyError */
export async function command(
  configuration: TelnyxConfiguration,
  tools: CarrierTools,
  callId: string,
  action: 'speak' | 'hangup' | 'conversation_relay_start',
  facts: { command_id: string; [name: string]: string | boolean },
): Promise<CommandReply> {
  const path = `${callPath(callId)}/actions/${action}`;
  const reply = await tools.http(request(configuration, tools, path, facts));
  return { status: reply.status, body: parseJson(reply.body) };
}

/** Whether a command came after the end of the call. */
export function hasEnded({ status, body }: CommandReply): boolean {
  return status === 404 || textAt(body, 'errors', 0, 'code') === callHasEnded;
}

/** A POST if there is a body, else a GET. */
function request(
  { api_key }: TelnyxConfiguration,
  tools: CarrierTools,
  path: string,
  body?: object,
): CarrierRequest {
  const url = tools.apiUrl(`${apiUrl}${path}`);
  const headers = { accept: 'application/json', authorization: `Bearer ${api_key}` };
  if (body === undefined) return { method: 'GET', url, headers };
  return {
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function callPath(callId: string): string {
  return `/calls/${encodeURIComponent(callId)}`;
}

/**
 * Telnyx's code of an error, its title and its detail:
 * https://developers.telnyx.com/development/api-fundamentals/api-errors
 */
function words(body: unknown): string {
  return ['code', 'title', 'detail']
    .map((name) => textAt(body, 'errors', 0, name))
    .filter((word) => word !== undefined)
    .join(' ');
}
