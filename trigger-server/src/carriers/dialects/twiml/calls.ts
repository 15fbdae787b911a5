/**
 * The REST API of vendors that speak TwiML: calls below `/Accounts/{account}`, requests as forms, replies as JSON.
 * Source: https://www.twilio.com/docs/voice/api/call-resource
 */
import * as z from 'zod';
import { ask, askAboutCall, readAnswer } from '../../kit/ask';
import { dialOverHttp, parseJson, refusalText, textAt } from '../../kit/dial';
import type { CarrierReply, CarrierRequest } from '../../../egress/client';
import { deleteRecordingsOfCall, downloadRecording, recordingIdIn } from '../../kit/recording';
import { canBeOfDial, earliestStart, withRunningTime } from '../../kit/running-time';
import { refuseIfWrong, verdictOn } from '../../kit/verification';
import type { CarrierCall, OutboundCall } from '../../port/call';
import type { TelephonyProvider, Verdict } from '../../port/provider';
import type { CarrierTools } from '../../port/tools';
import { toReport } from './reports';

/** One account at one carrier. */
export interface CallAccount {
  /** The carrier's name, for refusals. */
  carrier: string;
  /** The vendor's documented address of the account: `https://…/Accounts/{account}`. */
  url: string;
  /** User and password of its requests. */
  credentials: readonly [string, string];
  /** The field with the password. */
  secretField: string;
  /** Whether the carrier first detects who has answered, for calls that do not say what happens then. */
  detectMachine: boolean;
  /** As in `RecordingOrder`. */
  recordingDomains: readonly string[];
}

type Requests<Configuration extends z.ZodObject> = Required<
  Pick<
    TelephonyProvider<Configuration>,
    | 'placeCall'
    | 'cancel'
    | 'askStatus'
    | 'findCall'
    | 'listUnderWay'
    | 'ownsNumber'
    | 'verify'
    | 'prepare'
    | 'openRecording'
    | 'deleteRecording'
  >
>;

/**
 * The requests of a provider whose vendor speaks TwiML. @param accountOf the address and credentials of a
 * configuration's account.
 */
export function callRequests<Configuration extends z.ZodObject>(
  accountOf: (configuration: z.output<Configuration>) => CallAccount,
): Requests<Configuration> {
  /** The vendor does not say which part of the credentials is wrong: https://www.twilio.com/docs/iam/api/account */
  async function verify(configuration: z.output<Configuration>, tools: CarrierTools): Promise<Verdict> {
    const account = accountOf(configuration);
    const { carrier, secretField } = account;
    const answer = await ask(tools, request(account, tools, 'GET', '.json'));
    const wrong = { 401: secretField, 403: secretField, 404: secretField };
    const verdict = verdictOn(answer, { carrier, words, wrong });
    const status = textAt(answer?.body, 'status');
    if (verdict.ok !== true || (status !== 'suspended' && status !== 'closed')) return verdict;
    return { ok: false, detail: `${carrier}: the account is ${status}.`, field: null };
  }

  return {
    placeCall(configuration, call, tools) {
      const account = accountOf(configuration);
      const order = request(account, tools, 'POST', '/Calls.json', dialForm(account, call));
      return dialOverHttp(tools, call.runId, order, {
        carrier: account.carrier,
        callerNumber: call.from,
        callId: (body) => textAt(body, 'sid'),
        refusal: words,
      });
    },

    /**
     * `canceled` ends only a queued or ringing call, and `completed` only an answered one. So a call that was answered
     * just before is ended as well: https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
     */
    async cancel(configuration, call, tools) {
      const account = accountOf(configuration);
      const end = (Status: 'canceled' | 'completed') =>
        tools.http(request(account, tools, 'POST', callPath(call), new URLSearchParams({ Status })));
      let reply = await end(call.status === 'answered' ? 'completed' : 'canceled');
      if (call.status !== 'answered' && wentOn(reply)) reply = await end('completed');
      if (reply.status >= 200 && reply.status < 300) return { outcome: 'accepted' };
      const body = parseJson(reply.body);
      if (reply.status === 404 || textAt(body, 'code') === callHasEnded) return { outcome: 'gone' };
      return { outcome: 'refused', detail: refusalText(account.carrier, reply.status, words(body)) };
    },

    async askStatus(configuration, call, tools) {
      const account = accountOf(configuration);
      const answer = await askAboutCall(tools, request(account, tools, 'GET', callPath(call)));
      const word = textAt(answer.body, 'status');
      if (answer.status !== 200 || word === undefined) return null;
      const report = toReport({
        word,
        callId: textAt(answer.body, 'sid'),
        duration: textAt(answer.body, 'duration'),
        answeredBy: textAt(answer.body, 'answered_by'),
      });
      const startedAt = textAt(answer.body, 'start_time') ?? textAt(answer.body, 'date_created');
      return withRunningTime(report, startedAt, answer.date);
    },

    /**
     * The list can be filtered by day only:
     * https://www.twilio.com/docs/voice/api/call-resource#read-multiple-call-resources
     */
    async findCall(configuration, { to, from, sentAt }, tools) {
      const query = new URLSearchParams({
        To: to,
        ...(from === null ? {} : { From: from }),
        'StartTime>': earliestStart(sentAt).toISOString().slice(0, 10),
        PageSize: '100',
      });
      const path = `/Calls.json?${query.toString()}`;
      const answer = await askAboutCall(tools, request(accountOf(configuration), tools, 'GET', path));
      return readAnswer(listedCalls, answer)
        .calls.filter(
          ({ direction, date_created }) => direction === 'outbound-api' && canBeOfDial(date_created, sentAt),
        )
        .map(({ sid }) => sid);
    },

    async listUnderWay(configuration, tools) {
      // A call takes 2 kB, and a reply of more than 1 MiB is not read.
      const path = '/Calls.json?Status=in-progress&PageSize=250';
      const answer = await askAboutCall(tools, request(accountOf(configuration), tools, 'GET', path));
      return readAnswer(listedCalls, answer).calls.map(({ sid }) => sid);
    },

    /**
     * A call may come from a number of the account and from a caller ID verified for it:
     * https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource and
     * https://www.twilio.com/docs/voice/api/outgoing-caller-ids
     */
    async ownsNumber(configuration, number, tools) {
      const account = accountOf(configuration);
      const query = new URLSearchParams({ PhoneNumber: number }).toString();
      for (const [resource, list] of [
        ['IncomingPhoneNumbers', 'incoming_phone_numbers'],
        ['OutgoingCallerIds', 'outgoing_caller_ids'],
      ] as const) {
        const answer = await ask(tools, request(account, tools, 'GET', `/${resource}.json?${query}`));
        if (answer?.status !== 200) return null;
        if (textAt(answer.body, list, 0, 'phone_number') === number) return true;
      }
      return false;
    },

    verify,
    prepare: refuseIfWrong(verify),

    /**
     * Without a file extension the vendor sends WAV:
     * https://www.twilio.com/docs/voice/api/recording#fetch-a-recordings-media-file
     */
    openRecording(configuration, { url }, tools) {
      const account = accountOf(configuration);
      const headers = { authorization: authorization(account) };
      return downloadRecording(tools, { url, domains: account.recordingDomains, headers });
    },

    /** https://www.twilio.com/docs/voice/api/recording */
    async deleteRecording(configuration, { url }, tools) {
      const account = accountOf(configuration);
      const at = (path: string) => tools.apiUrl(`${account.url}${path}`);
      await deleteRecordingsOfCall(tools, recordingIdIn(url), {
        one: (id) => at(`/Recordings/${encodeURIComponent(id)}.json`),
        ofCall: (callId) => at(`/Calls/${encodeURIComponent(callId)}/Recordings.json?PageSize=100`),
        headers: { authorization: authorization(account) },
        list: 'recordings',
        id: 'sid',
        callId: 'call_sid',
      });
    },
  };
}

const listedCalls = z.object({
  calls: z.array(z.object({ sid: z.string(), direction: z.string(), date_created: z.string() })),
});

const progressEvents = ['initiated', 'ringing', 'answered', 'completed'];

/** Whether the call could not be canceled because it was answered, or has ended. */
function wentOn(reply: CarrierReply): boolean {
  const body = parseJson(reply.body);
  return textAt(body, 'code') === callHasEnded || textAt(body, 'status') === 'in-progress';
}

/** The error code of an update that does not fit the status of the call: https://www.twilio.com/docs/api/errors/21220 */
const callHasEnded = '21220';

function dialForm({ detectMachine }: CallAccount, call: OutboundCall): URLSearchParams {
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
  for (const [name, value] of Object.entries(machineDetection(detectMachine, call))) form.set(name, value);
  if (call.record) {
    form.set('Record', 'true');
    form.set('RecordingStatusCallback', call.callbackUrl('recording'));
    form.set('RecordingStatusCallbackMethod', 'POST');
    form.set('RecordingStatusCallbackEvent', 'completed');
  }
  return form;
}

/**
 * With `Enable` the vendor requests its first instructions when it knows who answered, so that a machine hears nothing.
 * A message waits for the end of the machine's greeting, and people are not to wait with it: the vendor detects beside
 * the call. Source: https://www.twilio.com/docs/voice/answering-machine-detection
 */
function machineDetection(isUsual: boolean, call: OutboundCall): Record<string, string> {
  if (call.voicemail === 'leave_message') {
    return {
      MachineDetection: 'DetectMessageEnd',
      AsyncAmd: 'true',
      AsyncAmdStatusCallback: call.callbackUrl('machine'),
      AsyncAmdStatusCallbackMethod: 'POST',
    };
  }
  return isUsual || call.voicemail !== null ? { MachineDetection: 'Enable' } : {};
}

/**
 * Replaces the instructions of a call under way by the document at this address:
 * https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
 */
export async function redirect(
  account: CallAccount,
  call: Pick<CarrierCall, 'callId' | 'runId'>,
  url: string,
  tools: CarrierTools,
): Promise<void> {
  const form = new URLSearchParams({ Url: url, Method: 'POST' });
  const answer = await ask(tools, request(account, tools, 'POST', callPath(call), form));
  if (answer === null || answer.status < 300) return;
  const { runId } = call;
  tools.log.warn({ runId, status: answer.status }, 'a carrier did not redirect a call to its message');
}

function request(
  account: CallAccount,
  tools: CarrierTools,
  method: 'GET' | 'POST',
  path: string,
  form?: URLSearchParams,
): CarrierRequest {
  return {
    method,
    url: tools.apiUrl(`${account.url}${path}`),
    headers: {
      accept: 'application/json',
      authorization: authorization(account),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(form === undefined ? {} : { body: form.toString() }),
  };
}

function authorization({ credentials }: CallAccount): string {
  return `Basic ${Buffer.from(credentials.join(':')).toString('base64')}`;
}

function callPath(call: Pick<CarrierCall, 'callId'>): string {
  return `/Calls/${encodeURIComponent(call.callId)}.json`;
}

/** The code of an error and its message: https://www.twilio.com/docs/api/errors */
function words(body: unknown): string | undefined {
  const message = textAt(body, 'message');
  const code = textAt(body, 'code');
  return code === undefined ? message : `${code} ${message ?? ''}`;
}
