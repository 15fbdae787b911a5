/** Asks the model for the values of a node that was left. Whatever fails, the conversation goes on without them. */
import type { JsonObject } from '@dograh-trigger/shared';
import { extractedValues, extractionRequest, withExtracted } from '../engine/extraction';
import { ModelFailure, type Model } from '../engine/port';
import type { ExtractionTask, Script, TurnResult } from '../engine/script';
import type { TalkState } from '../engine/state';
import type { StampedEvent } from './results';

/** `faults`: in words, for the log of the run. */
export interface AskedValues {
  values: JsonObject;
  usage: TurnResult['usage'];
  faults: string[];
}

/** @param onFault called with an error that is no failure of the model, but of this server. @param signal ends the wait. */
export async function askValues(
  { script, model }: { script: Script; model: Model },
  { messages, tokens }: Pick<TalkState, 'messages' | 'tokens'>,
  task: ExtractionTask,
  onFault: (error: unknown) => void,
  signal?: AbortSignal,
): Promise<AskedValues> {
  const failed = (reason: string): AskedValues => ({
    values: {},
    usage: [],
    faults: [`The values of a step could not be extracted: ${reason}`],
  });
  if (tokens >= script.limits.tokens) return failed('the conversation has used up its tokens');
  try {
    const { request, leftOut } = extractionRequest(script, task, messages);
    const reply = await model.reply(request, undefined, signal);
    return {
      values: extractedValues(script, task, reply.text),
      usage: [{ ...reply.usage, model: reply.model }],
      faults: leftOut === null ? [] : [`The request for the values of a step is too long: ${leftOut}`],
    };
  } catch (error) {
    const isKnown = error instanceof ModelFailure || error instanceof RangeError;
    if (!isKnown) onFault(error);
    return failed(isKnown ? error.message : 'the language model failed');
  }
}

/** The state with the values, and with the tokens that they took. */
export function withValues(
  state: TalkState,
  { values, usage }: Pick<AskedValues, 'values' | 'usage'>,
): TalkState {
  const gathered = withExtracted(state.gathered, values);
  return { ...state, gathered, tokens: state.tokens + tokensOf(usage) };
}

export function tokensOf(usage: TurnResult['usage']): number {
  return usage.reduce((sum, { promptTokens, completionTokens }) => sum + promptTokens + completionTokens, 0);
}

/** A fault as an event of the run's log. @param nodeId of the node whose values it is about; null: no node is named. */
export function faultEvent(error: string, nodeId: string | null, at: Date): StampedEvent {
  const payload = { error, fatal: false, processor: 'LLM' };
  return { type: 'rtf-pipeline-error', payload, nodeId, nodeName: null, at };
}
