/** Questions to a carrier that place no call: whether the account owns a number, how a call stands. */
import { describeError } from '../../describe-error';
import type { CarrierTools } from '../port/tools';
import { parseJson } from './dial';
import { NoReplyError, NotSentError, type CarrierRequest } from '../../egress/client';
import type * as z from 'zod';

export interface CarrierAnswer {
  status: number;
  /** Parsed JSON; undefined when it is none. */
  body: unknown;
  /** As in `CarrierReply`. */
  date?: string | undefined;
}

/** The carrier's reply, whatever its status. Without a reply: null, and a line in the log. */
export async function ask(tools: CarrierTools, request: CarrierRequest): Promise<CarrierAnswer | null> {
  try {
    const reply = await tools.http(request);
    return { status: reply.status, body: parseJson(reply.body), date: reply.date };
  } catch (error) {
    tools.log.warn({ error: describeError(error) }, 'a carrier did not answer a question');
    return null;
  }
}

/** The carrier answered, and said nothing about calls: it is too busy, it failed, it refused the credentials, or cannot be read. */
export class CarrierFailure extends Error {
  override readonly name = 'CarrierFailure';
}

/**
 * The reply to a question about a call. Whoever asks decides what a failure means, and logs it.
 * @throws NotSentError, NoReplyError; CarrierFailure for 401, 403, 408, 429 and 5xx.
 */
export async function askAboutCall(tools: CarrierTools, request: CarrierRequest): Promise<CarrierAnswer> {
  const { status, body, date } = await tools.http(request);
  if (status >= 500 || [401, 403, 408, 429].includes(status)) {
    throw new CarrierFailure(`the carrier answered with HTTP ${String(status)}`);
  }
  return { status, body: parseJson(body), date };
}

/** @throws CarrierFailure for an answer that is not what the carrier documents. */
export function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  { status, body }: CarrierAnswer,
): z.output<Schema> {
  const read = schema.safeParse(body);
  if (!read.success)
    throw new CarrierFailure(`the carrier answered with an unknown body and HTTP ${String(status)}`);
  return read.data;
}

/** Whether a question failed at the carrier, or on the way there. */
export function isCarriersFault(error: unknown): boolean {
  return error instanceof CarrierFailure || error instanceof NoReplyError || error instanceof NotSentError;
}
