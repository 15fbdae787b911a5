/** Requests to Twilio's REST API: https://www.twilio.com/docs/voice/api/call-resource */
import type { Readable } from 'node:stream';
import { Problem } from '../../../problem';
import { ask } from '../../kit/ask';
import { dialOverHttp, parseJson, refusalText, textAt } from '../../kit/dial';
import type { CarrierRequest } from '../../../egress/client';
import { downloadRecording } from '../../kit/recording';
import { withRunningTime } from '../../kit/running-time';
import type { CancelResult, CarrierCall, DialResult, OutboundCall } from '../../port/call';
import type { Recording, StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import type { Configuration } from './configuration';
import { toReport } from './statuses';

export const carrier = 'Twilio';

const progressEvents = ['initiated', 'ringing', 'answered', 'completed'];

/** Twilio's number for an update of a call that has ended: https://www.twilio.com/docs/api/errors/21220 */
const callHasEnded = '21220';

export function placeCall(
  configuration: Configuration,
  call: OutboundCall,
  tools: CarrierTools,
): Promise<DialResult> {
  const form = new URLSearchParams({
    To: call.to,
    Url: call.callbackUrl('answer'),
    Method: 'POST',
    StatusCallback: call.callbackUrl('status'),
    StatusCallbackMethod: 'POST',
    Timeout: String(call.ringTimeoutSeconds),
    TimeLimit: String(call.maxCallDurationSeconds),
  });
  if (call.from !== null) form.set('From', call.from);
  for (const event of progressEvents) form.append('StatusCallbackEvent', event);
  if (configuration.amd_enabled) form.set('MachineDetection', 'Enable');
  if (call.record) {
    form.set('Record', 'true');
    form.set('RecordingStatusCallback', call.callbackUrl('recording'));
    form.set('RecordingStatusCallbackMethod', 'POST');
    form.set('RecordingStatusCallbackEvent', 'completed');
  }
  const order = request(configuration, tools, 'POST', '/Calls.json', form);
  return dialOverHttp(tools, call.runId, order, {
    carrier,
    callerNumber: call.from,
    callId: (body) => textAt(body, 'sid'),
    refusal: words,
  });
}

/** `completed` ends a call however far it has come; `canceled` would leave an answered one alone. */
export async function cancel(
  configuration: Configuration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<CancelResult> {
  const form = new URLSearchParams({ Status: 'completed' });
  const reply = await tools.http(request(configuration, tools, 'POST', callPath(call), form));
  if (reply.status >= 200 && reply.status < 300) return { outcome: 'accepted' };
  const body = parseJson(reply.body);
  if (reply.status === 404 || textAt(body, 'code') === callHasEnded) return { outcome: 'gone' };
  return { outcome: 'refused', detail: refusalText(carrier, reply.status, words(body)) };
}

export async function askStatus(
  configuration: Configuration,
  call: CarrierCall,
  tools: CarrierTools,
): Promise<StatusReport | null> {
  const answer = await ask(tools, request(configuration, tools, 'GET', callPath(call)));
  const word = textAt(answer?.body, 'status');
  if (answer?.status !== 200 || word === undefined) return null;
  const report = toReport({
    word,
    callId: textAt(answer.body, 'sid'),
    duration: textAt(answer.body, 'duration'),
    answeredBy: textAt(answer.body, 'answered_by'),
  });
  const startedAt = textAt(answer.body, 'start_time') ?? textAt(answer.body, 'date_created');
  return withRunningTime(report, startedAt, answer.date);
}

/**
 * A call may come from a number of the account and from a caller ID verified for it:
 * https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource and
 * https://www.twilio.com/docs/voice/api/outgoing-caller-ids
 */
export async function ownsNumber(
  configuration: Configuration,
  number: string,
  tools: CarrierTools,
): Promise<boolean | null> {
  const query = new URLSearchParams({ PhoneNumber: number }).toString();
  for (const [resource, list] of [
    ['IncomingPhoneNumbers', 'incoming_phone_numbers'],
    ['OutgoingCallerIds', 'outgoing_caller_ids'],
  ] as const) {
    const answer = await ask(tools, request(configuration, tools, 'GET', `/${resource}.json?${query}`));
    if (answer?.status !== 200) return null;
    if (textAt(answer.body, list, 0, 'phone_number') === number) return true;
  }
  return false;
}

/** An account that Twilio does not let in is not saved: https://www.twilio.com/docs/iam/api/account */
export async function prepare(configuration: Configuration, tools: CarrierTools): Promise<Configuration> {
  const answer = await ask(tools, request(configuration, tools, 'GET', '.json'));
  if (answer !== null && [401, 403, 404].includes(answer.status)) {
    throw new Problem('bad_request', refusalText(carrier, answer.status, words(answer.body)));
  }
  return configuration;
}

/** Without an ending Twilio sends WAV: https://www.twilio.com/docs/voice/api/recording#fetch-a-recordings-media-file */
export function openRecording(
  configuration: Configuration,
  { url }: Recording,
  tools: CarrierTools,
): Promise<Readable> {
  const headers = { authorization: authorization(configuration) };
  return downloadRecording(tools, { url, domains: ['twilio.com'], headers });
}

function request(
  configuration: Configuration,
  tools: CarrierTools,
  method: 'GET' | 'POST',
  path: string,
  form?: URLSearchParams,
): CarrierRequest {
  return {
    method,
    url: tools.apiUrl(`https://api.twilio.com/2010-04-01/Accounts/${configuration.account_sid}${path}`),
    headers: {
      accept: 'application/json',
      authorization: authorization(configuration),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(form === undefined ? {} : { body: form.toString() }),
  };
}

function authorization({ account_sid, auth_token }: Configuration): string {
  return `Basic ${Buffer.from(`${account_sid}:${auth_token}`).toString('base64')}`;
}

function callPath(call: CarrierCall): string {
  return `/Calls/${encodeURIComponent(call.callId)}.json`;
}

/** Twilio's number of an error and its sentence: https://www.twilio.com/docs/api/errors */
function words(body: unknown): string | undefined {
  const message = textAt(body, 'message');
  const code = textAt(body, 'code');
  return code === undefined ? message : `${code} ${message ?? ''}`;
}
