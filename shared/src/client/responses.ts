/** Translates a server's reply into a value of the contract or a TriggerError. */
import type * as z from 'zod';
import { problem, type Problem, type ProblemCode } from '../contracts';
import {
  isMissingKey,
  isMissingTelephony,
  isRefusedBeforeDial,
  isUnknownConfiguration,
  mayRing,
} from '../dograh-words';
import { TriggerError, type TriggerErrorCode } from '../errors';
import { labelOf } from './labels';
import { plainError } from '../plain-error';
import { redact } from '../redact';
import type { HttpRequest, HttpResponse } from './transport';

/** The request that a reply belongs to. */
export interface Sent {
  method: HttpRequest['method'];
  /** Absolute, without a query. */
  url: string;
  /** Whether the request starts a call. Then a call may have been placed although the answer was lost. */
  dials: boolean;
  /** The run that the request concerns. */
  runId?: number;
}

const maximumDetailLength = 1000;
/** Added to the message of an earlier request's failure. */
export const firstAnswer = 'An earlier try of this call had this answer; it was not tried again.';
const checkCalls = 'Look at the agent’s calls before calling again.';
const mayBePlaced = 'The call may have been placed: look at the agent’s calls before calling again.';

/** Node's codes for a server's certificate that is not trusted. */
const certificateCodes = [
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

const isCertificateCode = (code: string | undefined) => certificateCodes.some((known) => known === code);

/**
 * System error codes that prove that the request was never sent: there was no connection, its certificate was
 * refused, a header was invalid, or the host blocked the address. `ERR_BLOCKED_TARGET` is this package's own code,
 * for hosts that have none for a blocked address.
 */
const neverSentCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  ...certificateCodes,
  'ERR_INVALID_CHAR',
  'ERR_BLOCKED_TARGET',
]);

/**
 * The value of a successful reply.
 *
 * @throws TriggerError for every status but 2xx, and for a body that does not match the contract:
 *   `unexpected_response`, or `outcome_unknown` after a request that dials.
 */
export function readReply<T>(reply: HttpResponse, schema: z.ZodType<T>, sent: Sent): T {
  requireSuccess(reply, sent);
  const json = parseJson(reply.body);
  if (json === undefined) throw unreadable(reply, sent, describeBody(reply.body));
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw unreadable(
    reply,
    sent,
    `unexpected JSON (${place ? `${place}: ` : ''}${issue?.message ?? 'wrong shape'})`,
  );
}

/** @throws TriggerError for every status but 2xx. */
export function requireSuccess(reply: HttpResponse, sent: Sent): void {
  if (reply.status < 200 || reply.status > 299) throw replyError(reply, sent);
}

/** Whether the request with this error was never sent. */
export function wasNeverSent({ cause }: TriggerError): boolean {
  return neverSentCodes.has(cause?.code ?? '');
}

/** Whether the request was not sent because the server's certificate is not trusted. */
export function hasUntrustedCertificate({ cause }: TriggerError): boolean {
  return isCertificateCode(cause?.code);
}

/** The error for a request without an answer. */
export function networkError(error: unknown, sent: Sent): TriggerError {
  const { code, message } = plainError(error);
  const fullMessage = code && !message.includes(code) ? `${message} (${code})` : message;
  const reason = withoutAddresses(fullMessage, sent.url);
  const common = { runId: sent.runId, cause: error, exchange: `${sent.method} ${sent.url}: ${fullMessage}.` };
  if (sent.dials && !neverSentCodes.has(code ?? '')) {
    return new TriggerError({
      ...common,
      code: 'outcome_unknown',
      message: `The server did not answer: ${reason}. ${mayBePlaced}`,
    });
  }
  const whatToDo = isCertificateCode(code)
    ? 'Its certificate is not one that this machine trusts: give the server one that is, or this machine the authority that signed it.'
    : 'Check the base URL and that the server is running.';
  return new TriggerError({
    ...common,
    code: 'unreachable',
    message:
      `The server cannot be reached: ${reason}. ${whatToDo}` +
      (sent.dials ? ' This call was not placed.' : ''),
  });
}

/** The system's message without host names, IP addresses and URLs. */
function withoutAddresses(reason: string, url: string): string {
  const { hostname } = new URL(url);
  return reason
    .split(' ')
    .filter((word) => !word.includes(hostname) && !/\d\.\d{1,3}\.\d|::|:\/\//.test(word))
    .join(' ');
}

/** The run in a reply's header `Location: /api/v1/workflow/{workflow_id}/runs/{run_id}` (the bundled server). */
export function locatedRun(reply: HttpResponse): { workflowId: number; runId: number } | undefined {
  const [, workflowId, runId] =
    /\/workflow\/(\d{1,10})\/runs\/(\d{1,10})$/.exec(reply.headers.location ?? '') ?? [];
  return runId === undefined ? undefined : { workflowId: Number(workflowId), runId: Number(runId) };
}

/** The content of a reply that is not 2xx. */
interface Refusal {
  status: number;
  /** Undefined when the body is not JSON. */
  json: unknown;
  /** Undefined when the body is not in this API's error format. */
  problem: Problem | undefined;
  problemCode: string | undefined;
  /** The server's message on one line, redacted. */
  detail: string | undefined;
  hasRetryAfter: boolean;
}

function readRefusal({ status, headers, body }: HttpResponse): Refusal {
  const json = parseJson(body);
  const parsed = problem.safeParse(json).data;
  return {
    status,
    json,
    problem: parsed,
    problemCode: /^[a-z_]{1,64}$/.exec(parsed?.code ?? '')?.[0],
    detail: readDetail(parsed, json, body),
    hasRetryAfter: headers['retry-after'] !== undefined,
  };
}

function replyError(reply: HttpResponse, sent: Sent): TriggerError {
  const refusal = readRefusal(reply);
  const { problemCode, detail } = refusal;
  const code = refusalCode(refusal, sent);
  if (code === 'unexpected_response') {
    const what = reply.status < 400 ? 'a redirect' : describeBody(reply.body);
    return unreadable(reply, sent, what);
  }
  const waitSeconds = retryAfterSeconds(reply);
  const runId = locatedRun(reply)?.runId ?? sent.runId;
  const subject = sent.dials && isMissingConfiguration(refusal) ? 'telephony' : code;
  const whatToDo =
    problemCode === reusedKey ? reusedKeyAdvice(runId) : advice(subject, sent, problemCode, waitSeconds);
  const explained = isReplayed(reply) ? `${whatToDo} ${firstAnswer}` : whatToDo;
  return new TriggerError({
    code,
    // The server's message comes first: some hosts show only the beginning.
    message: detail
      ? `${detail.replace(/\.$/, '')}. ${explained}`
      : `The server answered ${String(reply.status)}. ${explained}`,
    exchange: exchangeText(reply, sent),
    status: reply.status,
    problemCode,
    detail,
    retryAfterSeconds: waitSeconds,
    runId,
    nothingDialled: code === 'telephony' ? isCertainRefusal(refusal) : undefined,
  });
}

const reusedKey: ProblemCode = 'idempotency_key_reused';

/** Problem codes that say more than the status about a request that dials. Only the bundled server has them. */
const byProblemCode: ReadonlyMap<string, TriggerErrorCode> = new Map<ProblemCode, TriggerErrorCode>([
  ['carrier_unreachable', 'busy'],
  ['carrier_busy', 'busy'],
  ['draining', 'busy'],
  ['database_unavailable', 'busy'],
  ['credentials_unreadable', 'telephony'],
  ['call_in_progress', 'outcome_unknown'],
  [reusedKey, 'conflict'],
]);

function refusalCode(refusal: Refusal, sent: Sent): TriggerErrorCode {
  const { status, json, problem: stated, problemCode } = refusal;
  const known = sent.dials ? byProblemCode.get(problemCode ?? '') : undefined;
  if (known !== undefined) return known;
  // Nothing was dialled, and a retry is welcome: only a passing refusal has Retry-After.
  if (status === 400 && sent.dials && refusal.hasRetryAfter) return 'busy';
  // The bundled server refuses before the dial: the carrier cannot do what this agent's calls need.
  if (status === 501 && sent.dials && json !== undefined) return 'telephony';
  // A gateway may answer 408 or 503 although the request reached the server.
  if (status >= 500 || status === 408) return sent.dials ? 'outcome_unknown' : 'server';
  // Not this API: a redirect, or another web server's page, which proves nothing about the key or the id.
  const isPage = json === undefined && [401, 403, 404].includes(status);
  if (status < 400 || status === 405 || isPage) return 'unexpected_response';
  switch (status) {
    case 400:
      if (!sent.dials) return 'invalid_input';
      // Dograh wraps whatever its carrier answered, also a failure that does not say what became of the dial.
      return stated !== undefined && mayRing(stated) ? 'outcome_unknown' : 'telephony';
    case 401:
      return hasNoTelephony(refusal) ? 'telephony' : 'invalid_key';
    case 402:
      return 'out_of_credits';
    case 403:
      return 'forbidden';
    case 404:
      return 'not_found';
    case 409:
      return 'conflict';
    case 422:
      return stated !== undefined && problemCode === undefined && isMissingKey(stated)
        ? 'invalid_key'
        : 'invalid_input';
    case 429:
      return 'busy';
    default:
      return 'invalid_input';
  }
}

/**
 * Whether the refusal proves that nothing was dialled. The bundled server, which sends codes, answers 504 when a
 * phone may ring; Dograh's refusals differ only in their text.
 */
function isCertainRefusal({ status, problemCode, detail }: Refusal): boolean {
  return problemCode !== undefined || status === 501 || isRefusedBeforeDial(detail ?? '');
}

/** Whether the 404 concerns the telephony configuration. Every other 404 to a call concerns its agent. */
function isMissingConfiguration({ status, problemCode, detail = '' }: Refusal): boolean {
  const unknown: ProblemCode = 'telephony_configuration_not_found';
  return (
    status === 404 && (problemCode === undefined ? isUnknownConfiguration(detail) : problemCode === unknown)
  );
}

/** Whether the 401 concerns the telephony of the organization, which a campaign needs, and not the key. */
function hasNoTelephony({ problemCode, detail = '' }: Refusal): boolean {
  const missing: ProblemCode = 'telephony_not_configured';
  return problemCode === undefined ? isMissingTelephony(detail) : problemCode === missing;
}

/** Whether the key is of this organization, but may not do what was asked. */
function isLimitOfKey(problemCode: string | undefined): boolean {
  const limits: (string | undefined)[] = ['scope_missing', 'agent_not_allowed'] satisfies ProblemCode[];
  return limits.includes(problemCode);
}

/** What the user can do. */
function advice(
  code: TriggerErrorCode,
  { dials }: Sent,
  problemCode: string | undefined,
  retryAfterSeconds: number | undefined,
): string {
  switch (code) {
    case 'invalid_key':
      return 'Check that the API key is complete, active and of this server.';
    case 'forbidden':
      if (isLimitOfKey(problemCode))
        return 'Whoever manages the API keys of your organization can make one that may do this.';
      return 'The API key belongs to another organization: use a key of the organization that owns the agent.';
    case 'not_found':
      return dials
        ? 'Check the agent or trigger URL, and that the agent is active and published.'
        : 'Check the id, and that the API key belongs to the same organization.';
    case 'out_of_credits':
      return 'Add credits to the account or correct its model keys, then call again.';
    case 'conflict':
      return 'Nothing was dialled by this request.';
    case 'busy':
      return dials
        ? `This call was not placed: try again ${retryAfterSeconds === undefined ? 'later' : delayText(retryAfterSeconds)}.`
        : 'Send requests more slowly and try again later.';
    case 'telephony':
      return 'Check the telephony configuration, the caller ID and the number.';
    case 'outcome_unknown':
      // The server's own message already says that the call may have been placed.
      return problemCode === 'outcome_unknown' ? checkCalls : mayBePlaced;
    case 'server':
      return 'Try again later; if it stays, look at the server’s log.';
    default:
      return 'Correct the request and try again.';
  }
}

function reusedKeyAdvice(runId: number | undefined): string {
  const run = runId === undefined ? '' : `, run ${String(runId)}`;
  return `Another request was sent with this idempotency key before${run}; this call was not placed.`;
}

function delayText(seconds: number): string {
  if (seconds <= 1) return 'in a second';
  if (seconds < 100) return `in ${String(Math.ceil(seconds))} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `in ${String(minutes)} minutes` : `in ${String(Math.ceil(minutes / 60))} hours`;
}

function unreadable(reply: HttpResponse, sent: Sent, what: string): TriggerError {
  const isPlaced = sent.dials && reply.status < 300;
  return new TriggerError({
    code: isPlaced ? 'outcome_unknown' : 'unexpected_response',
    message:
      `The server answered ${String(reply.status)} with ${what} instead of this API’s JSON. ` +
      (isPlaced
        ? mayBePlaced
        : 'Check that the base URL is the address of the API server, with https where it is used.'),
    exchange: exchangeText(reply, sent),
    status: reply.status,
    runId: locatedRun(reply)?.runId ?? sent.runId,
  });
}

function exchangeText({ status }: HttpResponse, { method, url }: Sent): string {
  return `${method} ${url} answered ${String(status)}.`;
}

/** @returns undefined for a body that is not JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\uFEFF/, ''));
  } catch {
    // Undefined stands for a body that is not JSON; no JSON value is undefined.
    return undefined;
  }
}

function describeBody(body: string): string {
  if (body.trim() === '') return 'an empty body';
  return /^\s{0,100}</.test(body) ? 'an HTML page' : 'text';
}

/** The server's message on one line, for every form of `detail`. */
function readDetail(stated: Problem | undefined, json: unknown, body: string): string | undefined {
  const text =
    (stated === undefined ? undefined : detailText(stated)) ??
    (json === undefined && describeBody(body) === 'text' ? body.trim() : undefined);
  // Redacted before it is cut, because half a phone number would not be recognized.
  return text ? shorten(redact(text)) : undefined;
}

function detailText({ detail }: Problem): string {
  if (typeof detail === 'string') return detail;
  if ('message' in detail) return detail.message;
  const lines = Array.isArray(detail)
    ? detail.map(({ loc, msg }) => [...locationLabels(loc), msg].join(': '))
    : detail.errors.map(({ message }) => message);
  return lines.join('; ');
}

/** `["body", "phone_number"]` becomes `Phone Number`: the part of the request means nothing to the user. */
function locationLabels(loc: readonly (string | number)[]): string[] {
  const [field = '', ...inside] = loc.slice(1).map(String);
  const label = labelOf(field);
  const places = label === undefined ? [[field, ...inside].join('.')] : [label, inside.join('.')];
  return places.filter((place) => place !== '');
}

function shorten(text: string): string {
  return text.length > maximumDetailLength ? `${text.slice(0, maximumDetailLength)}…` : text;
}

/** Whether the server replayed the answer of an earlier request with the same idempotency key. */
export function isReplayed({ headers }: HttpResponse): boolean {
  return headers['idempotency-replayed'] === 'true';
}

/** `Retry-After` in seconds; its other form, a date, is measured from the reply's own `Date` (RFC 9110, 10.2.3). */
function retryAfterSeconds({ headers }: HttpResponse): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const seconds = (Date.parse(value) - Date.parse(headers.date ?? '')) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
