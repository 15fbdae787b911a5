/** One dial over HTTP. One rule for all carriers decides which reply means placed, refused, not sent or unknown. */
import type { DialResult } from '../port/call';
import type { CarrierTools } from '../port/tools';
import { isRefusedTarget } from '../../egress/address-guard';
import { NotSentError, type CarrierReply, type CarrierRequest } from '../../egress/client';

export interface DialReading {
  /** The carrier's name, for its refusals. */
  carrier: string;
  /** Caller ID of the call, as the run shows it. */
  callerNumber: string | null;
  /** The carrier's id of the call, in the body of a success. */
  callId(body: unknown): string | undefined;
  /** Only for a carrier with a 5xx reply that guarantees that no phone was called. */
  isRefusal?(body: unknown): boolean;
  /** Only for a carrier with other replies than 429 that mean: nobody was called, and the same call may succeed soon. */
  isPassing?(reply: CarrierReply, body: unknown): boolean;
  /** The seconds until the next try, for a passing reply that does not say so itself. */
  pauseSeconds?(reply: CarrierReply): number | undefined;
  /** The carrier's own code and words in the body of a refusal, e.g. `21211 Invalid 'To' Phone Number`. */
  refusal(body: unknown): string | undefined;
}

const longestRefusal = 300;

/**
 * Sends the request once. 2xx with a call id is placed; 4xx is refused; 429, or no connection, is not sent. Everything
 * else (5xx, a gateway's timeout, a redirect, a broken, late or unreadable reply) is unknown: the phone may be ringing.
 */
export async function dialOverHttp(
  tools: CarrierTools,
  runId: number,
  order: CarrierRequest,
  reading: DialReading,
): Promise<DialResult> {
  let reply: CarrierReply;
  try {
    reply = await tools.http(order);
  } catch (error) {
    tools.log.warn(
      { runId, reason: error instanceof Error ? error.message : 'unknown' },
      'a dial got no reply',
    );
    if (error instanceof NotSentError) return notSent(reading.carrier, error);
    return { outcome: 'unknown' };
  }
  const body = parseJson(reply.body);
  if (reply.status >= 200 && reply.status < 300) {
    const callId = reading.callId(body);
    if (callId === undefined || callId === '') {
      tools.log.error(
        { runId, status: reply.status },
        'a carrier accepted a dial without saying which call it is',
      );
      return { outcome: 'unknown' };
    }
    return { outcome: 'placed', callId, callerNumber: reading.callerNumber };
  }
  const isPassing = reply.status === 429 || reading.isPassing?.(reply, body) === true;
  if (!isPassing && !isRefused(reply.status) && reading.isRefusal?.(body) !== true) {
    tools.log.warn({ runId, status: reply.status }, 'a carrier failed at a dial');
    return { outcome: 'unknown' };
  }
  const detail = refusalText(reading.carrier, reply.status, reading.refusal(body));
  if (isPassing) {
    return {
      outcome: 'not_sent',
      detail,
      code: 'carrier_busy',
      retryAfterSeconds:
        retryAfterSeconds(reply.retryAfter) ?? reading.pauseSeconds?.(reply) ?? usualRetrySeconds,
    };
  }
  return { outcome: 'refused', detail };
}

const usualRetrySeconds = 10;
/** No caller is asked to wait longer than this. */
const longestRetrySeconds = 600;

/** The seconds of `Retry-After` (RFC 9110, 10.2.3). A date counts as no header. */
function retryAfterSeconds(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,9}$/.test(header)) return undefined;
  return Math.min(Math.max(Number(header), 1), longestRetrySeconds);
}

/** There was no connection. If the address guard refuses the address, the refusal is final: no retry helps. */
function notSent(carrier: string, error: NotSentError): DialResult {
  const detail = `${carrier} could not be reached; nobody was called.`;
  return isRefusedTarget(error.cause)
    ? { outcome: 'refused', detail }
    : { outcome: 'not_sent', detail, code: 'carrier_unreachable', retryAfterSeconds: usualRetrySeconds };
}

/** 408 may come from a gateway after the carrier has placed the call. */
function isRefused(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

/** An address, or a path of two names or more: `https://…`, `/Accounts/AC…/Calls.json`. */
const addresses = /(?:[a-z][a-z0-9+.-]*:\/\/|(?<![\w/])\/(?=[^\s/]+\/))[^\s'"]*/gi;

/** The carrier's words in one line; never its raw body, which may contain anything. */
export function refusalText(carrier: string, status: number, words: string | undefined): string {
  // Some carriers quote the called number, which must not be in errors and logs. Nor may quoted parts of a request: a
  // path contains the account's id, and a callback URL allows a forged callback.
  const line = words
    ?.replace(addresses, '[address]')
    .replace(/\+?\d{7,}/g, '[number]')
    .replace(/\s+/g, ' ')
    .trim();
  const what = line === undefined || line === '' ? 'no reason given' : line.slice(0, longestRefusal);
  return `${carrier}: ${what} (HTTP ${String(status)})`;
}

/** The parsed text, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value at a path of keys and indexes inside parsed JSON, as text; numbers become text, all else undefined. */
export function textAt(value: unknown, ...path: (string | number)[]): string | undefined {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  if (typeof current === 'number') return String(current);
  return typeof current === 'string' ? current : undefined;
}
