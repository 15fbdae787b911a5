/**
 * What a reply without an answer means. An endpoint's own sentence may repeat the prompt or the key, so that only its
 * status and its code, which is a word, are kept.
 */
import type { JsonObject } from '@dograh-trigger/shared';
import { isJsonObject } from '../../http/body/unknown-fields';
import { ModelFailure } from '../engine/port';
import { NotSentError, NoReplyError } from '../../egress/client';
import { isRefusedTarget } from '../../egress/address-guard';

const word = /^[A-Za-z][\w.-]{0,63}$/;

/** @returns ` (<code>)`; empty without a code that is a word. */
export function errorCode(body: JsonObject): string {
  const error = isJsonObject(body.error) ? body.error : body;
  const code = [error.code, error.type, error.status].find(
    (value) => typeof value === 'string' && word.test(value),
  );
  return typeof code === 'string' ? ` (${code})` : '';
}

const advice: Record<number, string> = {
  401: 'refused the API key',
  402: 'has no credit left for this key',
  403: 'does not allow this key to use the model',
  404: 'knows no such model, or its address is wrong',
  429: 'has no room for the request now',
};

/** @param code what {@link errorCode} returned. */
export function refusal(status: number, code: string): ModelFailure {
  const isBusy = status === 429 || status === 503 || status === 529;
  const said = advice[status] ?? (status >= 500 ? 'has failed' : 'refused the request');
  return new ModelFailure(
    `The model's endpoint ${said}: HTTP ${status}${code}`,
    isBusy ? 'busy' : status >= 500 ? 'unreachable' : 'refused',
  );
}

/** The failure of a request that had no reply. Other errors are ours, and are returned as they are. */
export function failureOf(error: unknown): unknown {
  if (error instanceof NotSentError) {
    return new ModelFailure(
      isRefusedTarget(error.cause)
        ? "The address of the model's endpoint leads into a private network; the operator allows some by ALLOWED_PRIVATE_TARGETS"
        : "The model's endpoint could not be reached",
      'unreachable',
    );
  }
  if (error instanceof NoReplyError)
    return new ModelFailure("The connection to the model's endpoint broke", 'cut_off');
  return error;
}
