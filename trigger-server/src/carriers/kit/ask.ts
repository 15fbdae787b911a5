/** Questions to a carrier that place no call: whether the account owns a number, how a call stands. */
import { describeError } from '../../describe-error';
import type { CarrierTools } from '../port/tools';
import { parseJson } from './dial';
import type { CarrierRequest } from '../../egress/client';

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
