/** A turn of a text chat: it is computed outside of a transaction, and written with all its results in one. */
import { Problem } from '../../problem';
import { findRunState } from '../../runs/run-state';
import { withFetchedContext } from '../tools/pre-call-fetch';
import type { Heard } from '../engine/port';
import { tokensOf } from '../talk/ask-values';
import { writeResults } from '../talk/results';
import { loadTalk } from '../talk/script';
import type { TalkServices } from '../talk/talk-services';
import type { Services } from '../../services';
import { beginMessage } from './begin';
import { findChat, lockChat, releaseChat, saveChat, type ChatPlace } from './claim';
import { computeChatTurn, llmUsage, shownEvents, type ComputedTurn } from './compute';
import { finishRun, secondsSince } from './finish';
import { stateOf, withLastTurn, type StoredTurn } from './stored-chat';
import { turnEnds } from './wait';

export type ChatServices = TalkServices & Pick<Services, 'deliveryAlarm' | 'lifecycle' | 'turnPlaces'>;

/**
 * @throws Problem as `beginMessage`; failed, in Dograh's words, where the turn failed; unavailable where another request
 * computes it and does not come to an end.
 */
export async function sendMessage(
  services: ChatServices,
  place: ChatPlace,
  message: { text: string; expected: number | null },
): Promise<void> {
  const { storage } = services;
  for (;;) {
    const begun = await storage.write((session) => beginMessage(services, session, place, message));
    if (begun.kind === 'claimed') return runTurn(services, place, begun.claim);
    if (begun.kind === 'known') {
      const { chat } = await findChat(storage.read, place);
      throwIfFailed(chat.turns.at(-1)?.error ?? null);
      return;
    }
    if (!(await turnEnds(services, place.runId, begun.claim))) throw stillBusy();
  }
}

function stillBusy(): Problem {
  return new Problem(
    'unavailable',
    'The reply to this message is still being made. Read the session again.',
    {
      retryAfterSeconds: 5,
    },
  );
}

function throwIfFailed(error: string | null): void {
  if (error === null) return;
  throw new Problem('failed', `Failed to execute text chat assistant turn: ${error}`);
}

/** Computes the last turn of a chat, which waits for it, and writes it. @throws Problem failed. */
export async function runTurn(services: ChatServices, place: ChatPlace, claim: string): Promise<void> {
  try {
    const { run: found, chat } = await findChat(services.storage.read, place);
    const turn = chat.turns.at(-1);
    if (turn === undefined) throw new Error('A text chat has no turn to compute');
    const run = turn.user_message === null ? await withFetchedContext(services, found) : found;
    const talk = await loadTalk(services, run);
    const computed = await computeChatTurn(services, talk, stateOf(chat), heardIn(turn), turn.id);
    const isEventDue = await services.storage.write((session) =>
      saveTurn(services, session, place, { claim, turnId: turn.id, computed, processor: talk.processor }),
    );
    if (isEventDue) services.deliveryAlarm.ringIn(0);
    throwIfFailed(computed.error);
  } finally {
    await releaseChat(services, place.runId, claim);
  }
}

function heardIn({ user_message: message }: StoredTurn): Heard {
  return message === null ? { kind: 'opening' } : { kind: 'said', text: message.text, isTyped: true };
}

/** @returns whether an event is due now. @throws Problem unavailable if the claim was lost. */
async function saveTurn(
  services: ChatServices,
  session: Parameters<typeof lockChat>[0],
  place: ChatPlace,
  made: { claim: string; turnId: string; computed: ComputedTurn; processor: string },
): Promise<boolean> {
  const { claim, turnId, computed, processor } = made;
  const { state, say, error, usage } = computed;
  const { row, chat } = await lockChat(session, place);
  const run = await findRunState(session, place.runId);
  if (row.claim !== claim || chat.turns.at(-1)?.id !== turnId || run === undefined) throw stillBusy();
  const now = services.clock.now();
  const at = now.toISOString();
  const text = say.join('\n\n');
  const hasEnded = error === null && state.ended !== null;
  const events = shownEvents(computed.events);
  const next = withLastTurn(chat, {
    status: error === null ? 'completed' : 'failed',
    assistant_message: error !== null || text === '' ? null : { text, created_at: at },
    events: hasEnded
      ? [...events, { type: 'session_end', created_at: at, payload: { reason: state.ended } }]
      : error !== null && events.length === 0
        ? [{ type: 'execution_error', created_at: at, payload: { message: error } }]
        : events,
    llm: llmUsage(processor, usage),
    seconds: secondsSince(services, run),
    state: error === null ? state : null,
    error,
  });
  await saveChat(services, session, place.runId, {
    revision: row.revision + 1,
    chat: {
      ...next,
      status: error !== null ? 'error' : hasEnded ? 'completed' : 'idle',
      tokens: chat.tokens + tokensOf(usage),
    },
    claim: null,
  });
  // What was said in a turn that failed is no part of the conversation.
  const logged =
    error === null ? computed.events : computed.events.filter(({ type }) => type === 'rtf-pipeline-error');
  await writeResults(
    session,
    run,
    {
      turn: chat.turns.length - 1,
      events: logged,
      gathered: error === null ? state.gathered : {},
      usage,
      processor,
    },
    now,
  );
  return hasEnded && (await finishRun(services, session, place.runId, state));
}
