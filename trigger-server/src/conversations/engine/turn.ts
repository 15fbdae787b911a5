/**
 * One turn of a conversation, after Dograh's rules: what was heard leads to requests to the model, transitions and tools,
 * and to what is said next. The state is given and returned, so that any process can compute the next turn.
 */
import type { AgentNode } from '@dograh-trigger/shared';
import { carryOut, noteFailedTransfer, noteTransferred, noteUnknownTransfer } from './calls';
import { Draft } from './draft';
import { offersOf, type Offer } from './functions';
import { cutLastSpeech, sentPart } from './history';
import { isEndNode, startNode, textOf } from './nodes';
import { ModelFailure, type EndReason, type FunctionCall, type Heard, type ModelReply } from './port';
import { systemPrompt } from './prompt';
import type { Ports, Script, TurnResult } from './script';
import type { TalkState } from './state';
import type { StreamedSpeech } from './speech/streamed-speech';
import { cutAtSentence, isNoise, plain, speakable } from './speech/words';

/** Turns in a row without a reply of the model, after which the conversation ends. */
const mostFailures = 3;
/** Silences in a row, of which the last one ends the conversation. */
const mostSilences = 2;
/** How often in a row a sound without words is taken for nothing. */
const mostNoises = 2;
/** Below it, what was recognised is a guess. */
const leastConfidence = 0.3;

/** What the model is told when nothing is heard. */
const quiet = {
  first:
    '[silence] The person on the line has said nothing for a while. In the language of this conversation, ask in a few friendly words whether they are still there.',
  last: '[silence] Still nothing was said, and the call is being ended. In the language of this conversation, wish a good day in a few words.',
};

/**
 * Pure but for its ports.
 * @throws Error for a definition that cannot be published, or a state of another one; never for what the model does.
 */
export async function turn(
  script: Script,
  state: TalkState,
  heard: Heard,
  ports: Ports,
): Promise<TurnResult> {
  const draft = new Draft(script, state, ports);
  if (state.ended !== null) {
    draft.then = 'hang_up';
    return draft.result();
  }
  await hear(draft, heard);
  return draft.result();
}

async function hear(draft: Draft, heard: Heard): Promise<void> {
  switch (heard.kind) {
    case 'opening':
      return open(draft);
    case 'said':
      return said(draft, heard.text, heard.isTyped === true ? 'typed' : (heard.confidence ?? 1));
    case 'silence':
      return silent(draft);
    case 'interrupted':
      draft.state.messages = cutLastSpeech(draft.state.messages, heard.spoken);
      return;
    case 'transferred':
      noteTransferred(draft, heard.to);
      return;
    case 'transfer_failed':
      return noteFailedTransfer(draft, heard) ? answer(draft, null) : undefined;
    case 'hung_up':
      noteUnknownTransfer(draft);
      draft.finish(heard.reason ?? 'user_hangup');
  }
}

async function open(draft: Draft): Promise<void> {
  if (draft.state.nodeId !== null) return;
  const start = startNode(draft.script.definition);
  draft.enter(start);
  const greeting = greetingOf(draft, start);
  if (greeting.trim() === '') return answer(draft, null);
  draft.speak(greeting);
  draft.remember({ role: 'assistant', content: greeting });
  draft.state.turns += 1;
}

function greetingOf(draft: Draft, start: AgentNode): string {
  const override = draft.script.context.greeting_override;
  const isText = typeof override === 'object' && override !== null && !Array.isArray(override);
  const text = isText && override.type === 'text' ? textOf(override.text) : '';
  return draft.rendered(text.trim() === '' ? textOf(start.data.greeting) : text);
}

async function said(draft: Draft, words: string, confidence: number | 'typed'): Promise<void> {
  const { state, script } = draft;
  const text = plain(words).trim();
  if (confidence !== 'typed' && (isNoise(text) || confidence < leastConfidence)) {
    state.noises += 1;
    if (state.noises <= mostNoises) return;
    return silent(draft);
  }
  // A text chat goes on after an opening that has failed.
  if (state.nodeId === null) draft.enter(startNode(script.definition));
  state.noises = 0;
  state.silences = 0;
  const kept = text.slice(0, script.limits.heardCharacters).toWellFormed();
  draft.remember({ role: 'user', content: kept });
  draft.log('rtf-user-transcription', { text: kept, final: true });
  await answer(draft, null);
}

async function silent(draft: Draft): Promise<void> {
  const { state } = draft;
  state.noises = 0;
  state.silences += 1;
  const isLast = state.silences >= mostSilences;
  draft.remember({ role: 'user', content: isLast ? quiet.last : quiet.first });
  await answer(draft, isLast ? 'user_idle_max_duration_exceeded' : null);
}

/** @param farewell why the conversation ends with this answer; null: it goes on. */
async function answer(draft: Draft, farewell: EndReason | null): Promise<void> {
  const { state, script } = draft;
  const { turns, stateCharacters } = script.limits;
  if (state.turns >= turns || JSON.stringify(state.messages).length >= stateCharacters) {
    endAtLimit(draft);
    return;
  }
  await reply(draft, farewell);
  state.turns += 1;
}

async function reply(draft: Draft, farewell: EndReason | null): Promise<void> {
  const { state, script } = draft;
  const { modelRequests, functionCalls, tokens } = script.limits;
  let calls = 0;
  let isRepeated = false;
  for (let request = 0; request < modelRequests; request += 1) {
    if (state.tokens >= tokens) {
      endAtLimit(draft);
      return;
    }
    const goodbye = farewell ?? (isEndNode(draft.node()) ? 'user_qualified' : null);
    const offers = goodbye === null ? offersOf(script, draft.node()) : [];
    const speech = draft.streamedSpeech();
    const heard = await ask(draft, offers, speech);
    if (heard === null) {
      if (speech !== null) speakBegun(draft, speech.said);
      failed(draft, goodbye);
      return;
    }
    const left = goodbye === null ? functionCalls - calls : 0;
    const kept = withOwnIds(draft, heard.calls.slice(0, left));
    const text = speakable(heard.text);
    if (text === '' && kept.length === 0) {
      if (!isRepeated) {
        isRepeated = true;
        continue;
      }
      draft.fail('The language model gave an empty reply twice');
      failed(draft, goodbye);
      return;
    }
    speakReply(draft, text, kept, speech?.said ?? '');
    if (goodbye !== null) {
      draft.finish(goodbye);
      return;
    }
    if (kept.length === 0) {
      state.failures = 0;
      return;
    }
    const next = await carryOut(draft, kept, offers, calls);
    calls += kept.length;
    if (next === 'done') {
      state.failures = 0;
      return;
    }
  }
  draft.fail('The language model called functions and said nothing');
  failed(draft, farewell ?? (isEndNode(draft.node()) ? 'user_qualified' : null));
}

/** Null when there is no reply; the log says why. */
async function ask(
  draft: Draft,
  offers: readonly Offer[],
  speech: StreamedSpeech | null,
): Promise<ModelReply | null> {
  const { script, state, ports } = draft;
  let hasBegun = false;
  const stopWaiting = ports.whenLate?.(() => {
    if (!hasBegun && draft.say.length === 0) draft.speak(script.phrases.filler);
  });
  try {
    ports.signal?.throwIfAborted();
    const reply = await ports.model.reply(
      {
        system: systemPrompt(script, draft.node()),
        messages: sentPart(state.messages, script.limits.sentMessages),
        functions: offers.map((offer) => offer.function),
        streamed: true,
      },
      (text) => {
        hasBegun = true;
        speech?.take(text);
      },
      ports.signal,
    );
    draft.count(reply);
    return reply;
  } catch (error) {
    const isKnown = error instanceof ModelFailure || error instanceof RangeError;
    if (!isKnown) ports.onFault?.(error);
    draft.fail(isKnown ? error.message : 'The language model failed');
    return null;
  } finally {
    stopWaiting?.();
  }
}

/** Endpoints leave ids out, or repeat them. Each call of the history has its own. */
function withOwnIds(draft: Draft, calls: readonly FunctionCall[]): FunctionCall[] {
  const used = new Set(draft.state.messages.map((message) => ('callId' in message ? message.callId : '')));
  return calls.map((call) => {
    const id = used.has(call.id) || call.id === '' ? draft.ports.newId() : call.id;
    used.add(id);
    return { ...call, id };
  });
}

/** @param begun what was said of it while it came. It counts, also where the rest is cut off before its end. */
function speakReply(draft: Draft, text: string, calls: readonly FunctionCall[], begun: string): void {
  const left = Math.max(0, draft.script.limits.saidCharacters - draft.spokenByModel);
  const whole = cutAtSentence(text, left);
  const cut = whole.startsWith(begun) ? whole : begun;
  draft.spokenByModel += cut.length;
  if (cut === '' && calls.length === 0) return;
  draft.remember({
    role: 'assistant',
    content: cut === '' ? null : cut,
    ...(calls.length === 0 ? {} : { calls }),
  });
  draft.speak(cut, begun);
}

/** Keeps the words that were said of a reply that broke off. */
function speakBegun(draft: Draft, begun: string): void {
  if (begun === '') return;
  draft.spokenByModel += begun.length;
  draft.remember({ role: 'assistant', content: begun });
  draft.speak(begun, begun);
}

/** The model gave nothing to say in this turn. @param goodbye why the conversation ends with it; null: it goes on. */
function failed(draft: Draft, goodbye: EndReason | null): void {
  const { state, script } = draft;
  if (goodbye !== null) {
    draft.speak(script.phrases.goodbye);
    draft.finish(goodbye);
    return;
  }
  state.failures += 1;
  if (state.failures < mostFailures) {
    draft.speak(script.phrases.apology);
    return;
  }
  draft.speak(script.phrases.closing);
  draft.finish('pipeline_error');
}

function endAtLimit(draft: Draft): void {
  draft.fail(
    'The conversation has reached a limit of this server: its number of turns, of tokens, or of characters',
  );
  draft.speak(draft.script.phrases.closing);
  draft.finish('call_duration_exceeded');
}
