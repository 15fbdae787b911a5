/**
 * Puts a streamed chat completion together. Endpoints that call themselves OpenAI-compatible differ: ids and indexes of
 * calls may be missing or repeated, arguments may come whole, and `finish_reason` says nothing reliable about calls. So
 * calls count when they were collected, and what says that a reply is complete is `[DONE]` or any `finish_reason`.
 */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import { shapeFault } from '../../http/body/json-shape';
import { isJsonObject } from '../../http/body/unknown-fields';
import { ModelFailure, type FunctionCall, type TokenUsage } from '../engine/port';
import { plain } from '../engine/speech/words';
import { errorCode } from './failures';

/** More than any turn says; the engine cuts what is said much earlier. */
export const mostReplyCharacters = 8000;
const mostArgumentCharacters = 64_000;
const mostCalls = 32;
/** Of the names that an endpoint gives; longer ones are cut. The name of a function is OpenAI's own limit. */
const longest = { model: 200, name: 64, id: 64 };
/** How often the arguments of a call are parsed to find out whether they are whole. */
const mostParsed = 256;

interface OpenCall {
  id: string | null;
  index: number | null;
  name: string;
  arguments: string;
}

export interface CollectedReply {
  text: string;
  calls: FunctionCall[];
  /** Null when the endpoint counted nothing. */
  usage: TokenUsage | null;
  model: string | null;
}

export class ReplyReader {
  private text = '';
  private readonly calls: OpenCall[] = [];
  private current: OpenCall | null = null;
  private usage: TokenUsage | null = null;
  private model: string | null = null;
  private finish: string | null = null;
  /** Whether `[DONE]` has come, after which nothing follows. */
  isDone = false;
  private argumentCharacters = 0;
  private parsed = 0;
  /** Whether a choice has come: the first words, or the first piece of a call. */
  hasBegun = false;

  constructor(private readonly onText: (text: string) => void) {}

  /** Whether the text has reached its limit, so that the rest is not worth reading. */
  get isFull(): boolean {
    return this.text.length >= mostReplyCharacters;
  }

  /** @param json of one event, or of a reply that was not streamed. @throws ModelFailure */
  add(json: string): void {
    if (json === '[DONE]') {
      this.isDone = true;
      return;
    }
    const chunk = parseObject(json);
    if (chunk === null) throw new ModelFailure('The model sent something that is not JSON', 'unreadable');
    if (chunk.object === 'error' || (chunk.error !== undefined && chunk.error !== null)) {
      throw new ModelFailure(`The model reported an error while it answered${errorCode(chunk)}`, 'refused');
    }
    this.usage = readUsage(chunk.usage) ?? this.usage;
    if (typeof chunk.model === 'string' && chunk.model !== '')
      this.model = nameOf(chunk.model, longest.model);
    const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : null;
    if (isJsonObject(choice)) this.addChoice(choice);
  }

  /** @param wasStreamed a reply in one piece is complete by itself. @throws ModelFailure for a reply that was cut off. */
  finished(wasStreamed: boolean): CollectedReply {
    const isComplete = wasStreamed ? this.isDone || this.finish !== null || this.isFull : this.hasBegun;
    if (!isComplete)
      throw new ModelFailure('The answer of the model ended before it was complete', 'cut_off');
    // The limit of tokens may have cut the arguments where they still are JSON by chance.
    const mayBeCut = this.finish === 'length';
    return {
      text: this.text,
      calls: this.calls
        .filter(({ name }) => name !== '')
        .map((call, position) => ({
          id: call.id ?? `call_${position}`,
          name: call.name,
          arguments: mayBeCut ? null : parseObject(call.arguments === '' ? '{}' : call.arguments),
        })),
      usage: this.usage,
      model: this.model,
    };
  }

  private addChoice(choice: JsonObject): void {
    this.hasBegun = true;
    const delta = choice.delta ?? choice.message;
    if (isJsonObject(delta)) {
      const text = textOf(delta.content).slice(0, mostReplyCharacters - this.text.length);
      if (text !== '') {
        this.text += text;
        this.onText(text);
      }
      if (Array.isArray(delta.tool_calls)) for (const piece of delta.tool_calls) this.addCall(piece);
    }
    if (typeof choice.finish_reason === 'string' && choice.finish_reason !== '') {
      this.finish = choice.finish_reason;
    }
  }

  private addCall(piece: JsonValue): void {
    if (!isJsonObject(piece)) return;
    const called = isJsonObject(piece.function) ? piece.function : {};
    const name = nameOf(called.name, longest.name);
    const id = nameOf(piece.id, longest.id) || null;
    const index = typeof piece.index === 'number' ? piece.index : null;
    const call = this.callOf({ id, index, name });
    this.current = call;
    call.id ??= id;
    if (call.name === '') call.name = name;
    const given = called.arguments;
    const text = typeof given === 'string' ? given : isJsonObject(given) ? JSON.stringify(given) : '';
    call.arguments = typeof given === 'string' ? call.arguments + text : text || call.arguments;
    this.argumentCharacters += text.length;
    if (this.argumentCharacters > mostArgumentCharacters || this.calls.length > mostCalls) {
      throw new ModelFailure('The model called more functions than a turn may hold', 'unreadable');
    }
  }

  private callOf({ id, index, name }: Pick<OpenCall, 'id' | 'index' | 'name'>): OpenCall {
    const known = this.calls.find((call) =>
      id === null
        ? index !== null && call.index === index && !(name !== '' && this.isWhole(call))
        : call.id === id,
    );
    const continued = known ?? (name === '' ? this.current : null);
    if (continued !== null) return continued;
    const opened: OpenCall = { id: null, index, name: '', arguments: '' };
    this.calls.push(opened);
    return opened;
  }

  private isWhole({ arguments: text }: OpenCall): boolean {
    if (!text.trimEnd().endsWith('}') || this.parsed >= mostParsed) return false;
    this.parsed += 1;
    return parseObject(text) !== null;
  }
}

/** Empty for what is no text. */
function nameOf(value: JsonValue | undefined, most: number): string {
  return typeof value === 'string' ? plain(value.slice(0, most)) : '';
}

/** A text, or its parts, as some endpoints send it. */
function textOf(content: JsonValue | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : ''))
    .join('');
}

function parseObject(json: string): JsonObject | null {
  if (shapeFault(Buffer.from(json)) !== null) return null;
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function readUsage(usage: JsonValue | undefined): TokenUsage | null {
  if (!isJsonObject(usage)) return null;
  const promptTokens = count(usage.prompt_tokens);
  // No request has none: an endpoint that says so has not counted.
  if (promptTokens === 0) return null;
  const details = isJsonObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const cached = details.cached_tokens;
  return {
    promptTokens,
    completionTokens: count(usage.completion_tokens),
    cachedTokens: typeof cached === 'number' ? count(cached) : null,
  };
}

function count(value: JsonValue | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
