/** Computes a turn of a text chat, with the engine, the model and the tools of a call. Nothing is written here. */
import type { JsonObject, TextChatEvent } from '@dograh-trigger/shared';
import { describeError } from '../../describe-error';
import { addedTokens } from '../../runs/reported-usage';
import type { Services } from '../../services';
import { askValues, faultEvent, withValues } from '../talk/ask-values';
import { turnDeadline } from '../talk/deadline';
import { talkPorts } from '../talk/take-turn';
import { findNode } from '../engine/nodes';
import type { Heard } from '../engine/port';
import type { TurnResult } from '../engine/script';
import type { TalkState } from '../engine/state';
import { turn as computeTurn } from '../engine/turn';
import type { StampedEvent } from '../talk/results';
import type { Talk } from '../talk/script';

type Needs = Pick<Services, 'clock' | 'chance' | 'log'>;

/** `error`: why the turn failed, in words; null: it did not. The state is then the one before. */
export interface ComputedTurn {
  state: TalkState;
  say: string[];
  events: StampedEvent[];
  usage: TurnResult['usage'];
  error: string | null;
}

const changed =
  'The draft has no longer the step at which this chat stands. Rewind it, or start another one.';
const noStart = 'The agent has no Start node, so it cannot talk. Add one, then start another chat.';

/** @param turnId names the calls of its tools. */
export async function computeChatTurn(
  services: Needs,
  talk: Talk,
  before: TalkState,
  heard: Heard,
  turnId: string,
): Promise<ComputedTurn> {
  const { clock, log } = services;
  const events: StampedEvent[] = [];
  const { nodes } = talk.script.definition;
  if (!nodes.some(({ type }) => type === 'startCall')) return failed(before, noStart);
  if (before.nodeId !== null && findNode(talk.script.definition, before.nodeId) === undefined) {
    return failed(before, changed);
  }
  const onFault = (error: unknown) => {
    log.error({ turn: turnId, error: describeError(error) }, 'a turn of a text chat failed');
  };
  try {
    const result = await inTime(services, (signal) =>
      computeTurn(talk.script, before, heard, talkPorts(services, turnId, talk, events, signal)),
    );
    if (result.state.failures > before.failures) {
      const error = errorsIn(events).at(-1) ?? 'The language model failed';
      return { ...failed(before, error), events, usage: result.usage };
    }
    const { state, faults, usage } = await inTime(services, (signal) =>
      afterExtractions(talk, result, onFault, signal),
    );
    const noted = faults.map((error) => faultEvent(error, null, clock.now()));
    return {
      state,
      say: result.say,
      events: [...events, ...noted],
      usage: [...result.usage, ...usage],
      error: null,
    };
  } catch (error) {
    onFault(error);
    return failed(before, 'The turn failed on the server; its log has the reason');
  }
}

async function inTime<Result>(
  services: Pick<Services, 'clock'>,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const deadline = turnDeadline(services);
  try {
    return await work(deadline.signal);
  } finally {
    deadline.stop();
  }
}

function failed(state: TalkState, error: string): ComputedTurn {
  return { state, say: [], events: [], usage: [], error };
}

/** The values of the nodes that were left are awaited, so that they are in the reply. */
async function afterExtractions(
  talk: Talk,
  result: TurnResult,
  onFault: (error: unknown) => void,
  signal: AbortSignal,
) {
  let { state } = result;
  const faults: string[] = [];
  const usage: TurnResult['usage'] = [];
  for (const task of result.extractions) {
    const asked = await askValues(talk, state, task, onFault, signal);
    state = withValues(state, asked);
    faults.push(...asked.faults);
    usage.push(...asked.usage);
  }
  return { state, faults, usage };
}

function errorsIn(events: readonly StampedEvent[]): string[] {
  return events.flatMap(({ type, payload: { error } }) =>
    type === 'rtf-pipeline-error' && typeof error === 'string' ? [error] : [],
  );
}

const shownTypes: Record<string, TextChatEvent['type']> = {
  'rtf-node-transition': 'node_transition',
  'rtf-function-call-start': 'tool_call_started',
  'rtf-function-call-end': 'tool_call_result',
  'rtf-pipeline-error': 'execution_error',
};

/** The events of a turn as the chat shows them. What was said is in its messages. */
export function shownEvents(events: readonly StampedEvent[]): TextChatEvent[] {
  return events.flatMap(({ type, payload, at }) => {
    const shown = shownTypes[type];
    if (shown === undefined) return [];
    const content = shown === 'execution_error' ? { message: payload.error ?? '' } : payload;
    return [{ type: shown, created_at: at.toISOString(), payload: content }];
  });
}

/** `usage_info.llm` of a turn. */
export function llmUsage(processor: string, usage: TurnResult['usage']): JsonObject {
  const sums: JsonObject = {};
  for (const { model, ...tokens } of usage) {
    const key = `${processor}|||${model}`;
    sums[key] = addedTokens(sums[key], tokens);
  }
  return sums;
}
