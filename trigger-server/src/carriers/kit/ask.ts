/** Requests to a carrier that place no call: whether the account owns a number, or the status of a call. */
import { describeError } from '../../describe-error';
import type { CarrierTools } from '../port/tools';
import { parseJson } from './dial';
import { NoReplyError, NotSentError, type CarrierRequest } from '../../egress/client';
import type * as z from 'zod';

export interface CarrierAnswer {
  status: number;
  /** Parsed JSON; undefined when it is not JSON. */
  body: unknown;
  /** As in `CarrierReply`. */
  date?: string | undefined;
}

/** The carrier's reply, with any status. Null without a reply, which is logged. */
export async function ask(tools: CarrierTools, request: CarrierRequest): Promise<CarrierAnswer | null> {
  try {
    const reply = await tools.http(request);
    return { status: reply.status, body: parseJson(reply.body), date: reply.date };
  } catch (error) {
    tools.log.warn({ error: describeError(error) }, 'a carrier did not answer a question');
    return null;
  }
}

/**
 * The carrier answered, but not about calls: it is too busy, failed, refused the credentials, or sent an unreadable
 * reply.
 */
export class CarrierFailure extends Error {
  override readonly name = 'CarrierFailure';

  /** @param status of the reply. */
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/**
 * The reply to a request about a call. The caller decides what a failure means, and logs it.
 * @throws NotSentError, NoReplyError; CarrierFailure for 401, 403, 408, 429 and 5xx.
 */
export async function askAboutCall(tools: CarrierTools, request: CarrierRequest): Promise<CarrierAnswer> {
  const { status, body, date } = await tools.http(request);
  if (status >= 500 || [401, 403, 408, 429].includes(status)) {
    throw new CarrierFailure(`the carrier answered with HTTP ${String(status)}`, status);
  }
  return { status, body: parseJson(body), date };
}

/** @throws CarrierFailure for a reply that differs from the carrier's documentation. */
export function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  { status, body }: CarrierAnswer,
): z.output<Schema> {
  const read = schema.safeParse(body);
  if (!read.success)
    throw new CarrierFailure(`the carrier answered with an unknown body and HTTP ${String(status)}`, status);
  return read.data;
}

/** Whether a request failed at the carrier, or on the way to it. */
export function isCarriersFault(error: unknown): boolean {
  return error instanceof CarrierFailure || error instanceof NoReplyError || error instanceof NotSentError;
}
