/** Orders to Asterisk over HTTP. Source: https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Channels_REST_API/ */
import { randomBytes } from 'node:crypto';
import type { JsonObject } from '@dograh-trigger/shared';
import { Problem } from '../../../problem';
import { isRefusedTarget } from '../../../egress/address-guard';
import { dialOverHttp, parseJson, refusalText, textAt } from '../../kit/dial';
import { NotSentError, type CarrierReply, type CarrierRequest } from '../../../egress/client';
import { withRunningTime } from '../../kit/running-time';
import type { CancelResult, CarrierCall, DialResult, OutboundCall } from '../../port/call';
import type { Verdict } from '../../port/provider';
import { ended, type StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { applicationOf, channelIdOf, deviceFor, type AriConfiguration } from './configuration';
import { channelStates } from './statuses';

export const carrier = 'Asterisk';

/**
 * `TIMEOUT(absolute)`: seconds from now after which Asterisk ends the channel by itself, even if this server has
 * stopped.
 */
const callLimit = 'TIMEOUT(absolute)';

/** The channels with a SIP response, a provisional one included: https://docs.asterisk.org/Configuration/Functions/HANGUPCAUSE_KEYS */
const repliesSoFar = 'HANGUPCAUSE_KEYS()';

/** Asterisk's message with a 401. */
const notAuthenticated = 'Authentication required';
const refusedUser = 'it refused app_name or app_password';

/** Whether Asterisk refuses the user of the configuration. No order of ours succeeds then. */
export function isUserRefused(status: number): boolean {
  return status === 401 || status === 403;
}

/** Asterisk's message, with a 500, when it created no channel: the device is unknown or not registered. */
const noChannel = 'Allocation failed';

/** HTTP or WebSocket headers of the configuration's user. */
export function authorization({ app_name: name, app_password: password }: AriConfiguration): {
  authorization: string;
} {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

/** @param path below `/ari`. */
export function ariUrl(
  configuration: AriConfiguration,
  path: string,
  query: Record<string, string> = {},
): string {
  const base = configuration.ari_endpoint.replace(/\/+$/, '');
  const search = new URLSearchParams(query).toString();
  return `${base}/ari${path}${search === '' ? '' : `?${search}`}`;
}

interface Order {
  method: CarrierRequest['method'];
  path: string;
  query?: Record<string, string>;
  body?: JsonObject;
}

/** A request of the configuration's user. */
export function request(
  configuration: AriConfiguration,
  { method, path, query, body }: Order,
): CarrierRequest {
  return {
    method,
    url: ariUrl(configuration, path, query),
    headers: {
      ...authorization(configuration),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    guarded: true,
  };
}

export function channelPath(channelId: string): string {
  return `/channels/${encodeURIComponent(channelId)}`;
}

function wordsOf(body: unknown): string | undefined {
  return textAt(body, 'message') ?? textAt(body, 'error');
}

/** Asterisk's words, and which setting they are about. */
function wordsOfRefusal(body: unknown): string | undefined {
  const words = wordsOf(body);
  if (words === notAuthenticated) return `${words}: ${refusedUser}`;
  if (words === noChannel) return `${words}: the device of the dial template is unknown or not reachable`;
  return words;
}

interface DialledChannel {
  channelId: string;
  /** E.164. */
  to: string;
  /** Caller ID in E.164; null where the trunk chooses. */
  from: string | null;
  ringTimeoutSeconds: number;
  maxCallDurationSeconds: number;
}

/** The order to call a number. */
export function dialRequest(
  configuration: AriConfiguration,
  { channelId, to, from, ringTimeoutSeconds, maxCallDurationSeconds }: DialledChannel,
): CarrierRequest {
  return request(configuration, {
    method: 'POST',
    path: '/channels',
    body: {
      endpoint: deviceFor(configuration, to),
      app: applicationOf(configuration),
      channelId,
      timeout: ringTimeoutSeconds,
      ...(from === null ? {} : { callerId: from }),
      // Limits the call even if this server is not connected when the call is answered.
      variables: { [callLimit]: String(ringTimeoutSeconds + maxCallDurationSeconds) },
    },
  });
}

/** Creates the channel; Asterisk hands it to our Stasis application once it is answered. */
export function placeCall(
  configuration: AriConfiguration,
  call: OutboundCall,
  tools: CarrierTools,
): Promise<DialResult> {
  const order = dialRequest(configuration, { ...call, channelId: channelIdOf(configuration, call) });
  return dialOverHttp(tools, call.runId, order, {
    carrier,
    callerNumber: call.from,
    callId: (body) => textAt(body, 'id'),
    isRefusal: (body) => wordsOf(body) === noChannel,
    refusal: wordsOfRefusal,
  });
}

/** 204, or 404 when the channel does not exist. */
export function hangUp(
  configuration: AriConfiguration,
  channelId: string,
  tools: CarrierTools,
): Promise<CarrierReply> {
  return tools.http(request(configuration, { method: 'DELETE', path: channelPath(channelId) }));
}

export async function cancel(
  configuration: AriConfiguration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<CancelResult> {
  const reply = await hangUp(configuration, call.callId, tools);
  if (reply.status === 204) return { outcome: 'accepted' };
  if (reply.status === 404) return { outcome: 'gone' };
  const words = wordsOfRefusal(parseJson(reply.body));
  return { outcome: 'refused', detail: refusalText(carrier, reply.status, words) };
}

/** Limits the call, counted from now. 2xx when the limit was set. */
export function limitCall(
  configuration: AriConfiguration,
  channelId: string,
  seconds: number,
  tools: CarrierTools,
): Promise<CarrierReply> {
  return setVariable(configuration, channelId, { variable: callLimit, value: String(seconds) }, tools);
}

/** A variable of a channel, or a function that is written like one. 2xx when it was set. */
export function setVariable(
  configuration: AriConfiguration,
  channelId: string,
  { variable, value }: { variable: string; value: string },
  tools: CarrierTools,
): Promise<CarrierReply> {
  const path = `${channelPath(channelId)}/variable`;
  return tools.http(request(configuration, { method: 'POST', path, query: { variable, value } }));
}

/** A sound, and the id that its playback gets. */
export interface Sound {
  /** Where Asterisk downloads it. */
  wavUrl: string;
  playbackId: string;
}

/** Plays a WAV that Asterisk downloads from an address of ours. 201 when Asterisk will try it. */
export function play(
  configuration: AriConfiguration,
  channelId: string,
  { wavUrl, playbackId }: Sound,
  tools: CarrierTools,
): Promise<CarrierReply> {
  return tools.http(
    request(configuration, {
      method: 'POST',
      path: `${channelPath(channelId)}/play/${encodeURIComponent(playbackId)}`,
      query: { media: `sound:${wavUrl}` },
    }),
  );
}

/**
 * Whether the trunk of an unanswered call has replied at all, for example with 100 Trying. Null when Asterisk did not
 * say, or for a technology that does not record replies.
 */
export async function hasTrunkReplied(
  configuration: AriConfiguration,
  channelId: string,
  tools: CarrierTools,
): Promise<boolean | null> {
  if (!/^(?:PJSIP|SIP)\//.test(configuration.dial_template)) return null;
  const { status, body } = await tools.http(
    request(configuration, {
      method: 'GET',
      path: `${channelPath(channelId)}/variable`,
      query: { variable: repliesSoFar },
    }),
  );
  const value = status === 200 ? textAt(parseJson(body), 'value') : undefined;
  return value === undefined ? null : value !== '';
}

/** Whether a sound is still being played; null when Asterisk did not say. */
export async function isPlaying(
  configuration: AriConfiguration,
  playbackId: string,
  tools: CarrierTools,
): Promise<boolean | null> {
  const path = `/playbacks/${encodeURIComponent(playbackId)}`;
  const { status } = await tools.http(request(configuration, { method: 'GET', path }));
  if (status === 200) return true;
  return status === 404 ? false : null;
}

/** The status of a call's channel; null when Asterisk did not say. */
export async function askStatus(
  configuration: AriConfiguration,
  { callId }: Pick<CarrierCall, 'callId'>,
  tools: CarrierTools,
): Promise<StatusReport | null> {
  const reply = await tools.http(request(configuration, { method: 'GET', path: channelPath(callId) }));
  // The call has ended, for an unknown reason.
  if (reply.status === 404) return { ...ended('failed'), rawStatus: 'channel gone', callId };
  if (reply.status !== 200) return null;
  const channel = parseJson(reply.body);
  const state = textAt(channel, 'state');
  if (state === undefined) return null;
  const report: StatusReport = {
    status: channelStates[state] ?? 'unknown',
    rawStatus: `channel ${state.slice(0, 40)}`,
    callId,
  };
  return withRunningTime(report, textAt(channel, 'creationtime'), reply.date);
}

/** Asks Asterisk whether it can be used with these settings. */
export async function verify(configuration: AriConfiguration, tools: CarrierTools): Promise<Verdict> {
  let reply: CarrierReply;
  try {
    reply = await tools.http(
      request(configuration, { method: 'GET', path: '/asterisk/info', query: { only: 'status' } }),
    );
  } catch (error) {
    if (isTargetRefused(error)) return { ok: false, detail: privateTarget, field: 'ari_endpoint' };
    return { ok: null, detail: error instanceof Error ? error.message : 'no answer', field: null };
  }
  const { status } = reply;
  if (status === 200) return { ok: true, detail: `${carrier} accepts these settings`, field: null };
  if (isUserRefused(status)) {
    return { ok: false, detail: `${refusedUser} (HTTP ${String(status)})`, field: 'app_password' };
  }
  if (status === 404) return { ok: false, detail: noAri, field: 'ari_endpoint' };
  return { ok: null, detail: `it answered with HTTP ${String(status)}`, field: null };
}

/** Why Asterisk cannot be used. */
export interface AriFault {
  /** Part of a sentence. */
  what: string;
  /** Whether the settings or the operator must change; otherwise it may pass by itself. */
  isLasting: boolean;
}

/** Why Asterisk cannot be used with these settings; null when it can. */
export async function findFault(
  configuration: AriConfiguration,
  tools: CarrierTools,
): Promise<AriFault | null> {
  const { ok, detail } = await verify(configuration, tools);
  return ok === true ? null : { what: detail, isLasting: ok === false && detail !== noAri };
}

const noAri = 'there is no ARI under ari_endpoint (HTTP 404)';
const privateTarget =
  'ari_endpoint leads into a private network; the operator of this server allows some by ALLOWED_PRIVATE_TARGETS';

function isTargetRefused(error: unknown): boolean {
  return error instanceof NotSentError && isRefusedTarget(error.cause);
}

/**
 * Generates the name of the Stasis application. An Asterisk that refuses these settings is an error. One that cannot be
 * reached now, or that has not loaded its ARI yet, is not.
 */
export async function prepare(
  configuration: AriConfiguration,
  tools: CarrierTools,
): Promise<AriConfiguration> {
  const fault = await findFault(configuration, tools);
  if (fault?.isLasting === true) {
    throw new Problem('bad_request', `${carrier} cannot be used: ${fault.what}.`);
  }
  return {
    ...configuration,
    stasis_app_name: configuration.stasis_app_name ?? `dograh_${randomBytes(6).toString('hex')}`,
  };
}
