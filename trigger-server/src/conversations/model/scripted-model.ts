/**
 * A script in the place of a language model, for a first call in the sandbox without any key. It says that it is one. It
 * understands nothing: it takes the way whose label is in what was said, and fills variables with what is written plainly.
 */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import type { ModelReply, ModelRequest, OfferedFunction } from '../engine/port';
import { estimatedTokens } from './completion-request';
import type { ChosenModel } from './chosen-model';

const name = 'scripted';

export const scriptedModel: ChosenModel = {
  model: { reply: (request, onText) => Promise.resolve(answer(request, onText)) },
  provider: name,
  name,
  processor: 'ScriptedModel#0',
  isScripted: true,
};

const introduction = 'I am the built-in script, not a language model.';

function answer(request: ModelRequest, onText?: (text: string) => void): ModelReply {
  if (!request.streamed) return reply(request, JSON.stringify(extracted(request)), null);
  const ways = request.functions.filter(isWay);
  const last = request.messages.at(-1);
  const said = last?.role === 'user' ? last.content : '';
  const way = ways.find((offered) => isSaid(offered, said));
  if (way !== undefined) return reply(request, '', way);
  const text = sentence(request, said, ways);
  onText?.(text);
  return reply(request, text, null);
}

function sentence({ messages }: ModelRequest, said: string, ways: readonly OfferedFunction[]): string {
  const hasSpoken = messages.some(({ role, content }) => role === 'assistant' && content?.includes('script'));
  const labels = ways.map((offered) => `"${wordsOf(offered).join(' ')}"`).join(' or ');
  const next = ways.length === 0 ? 'Goodbye.' : `I go on when you say ${labels}.`;
  const parts = [hasSpoken ? '' : introduction, said === '' ? '' : 'I heard you.', next];
  return parts.filter((part) => part !== '').join(' ');
}

/** Transitions and the end of the call take no arguments that would have to be understood. */
function isWay({ parameters }: OfferedFunction): boolean {
  return !Array.isArray(parameters.required) || parameters.required.length === 0;
}

/** The words of the label that the function is named after. */
function wordsOf(offered: OfferedFunction): string[] {
  return offered.name.split('_').filter((word) => word !== '');
}

/** Whether every word of the label is in what was said. */
function isSaid(offered: OfferedFunction, said: string): boolean {
  const heard = new Set(said.toLowerCase().split(/[^a-z0-9]/));
  const words = wordsOf(offered);
  return words.length > 0 && words.every((word) => heard.has(word));
}

/**
 * Reads the request that the engine makes for an extraction: a number is the last one that the callee said, a string is
 * the callee's last words, a boolean a yes or no among them.
 */
function extracted({ messages }: ModelRequest): JsonObject {
  const lines = (messages.at(-1)?.content ?? '').split('\n');
  const said = lines.filter((line) => line.startsWith('user: ')).map((line) => line.slice('user: '.length));
  return Object.fromEntries(
    lines.flatMap((line): [string, JsonValue][] => {
      const [, variable = '', type = ''] = /^- ([^ ]{1,200}) \((string|number|boolean)\):/.exec(line) ?? [];
      const value = variable === '' ? null : valueOf(type, said);
      return value === null ? [] : [[variable, value]];
    }),
  );
}

function valueOf(type: string, said: readonly string[]): JsonValue {
  if (type === 'string') return said.at(-1) ?? null;
  const words = said
    .join(' ')
    .toLowerCase()
    .split(/[^a-z0-9.]/);
  if (type === 'number') {
    const numbers = words.map((word) => word.replace(/\.$/, '')).filter((word) => /^\d{1,15}$/.test(word));
    return numbers.length === 0 ? null : Number(numbers.at(-1));
  }
  const answered = words.filter((word) => word === 'yes' || word === 'no').at(-1);
  return answered === undefined ? null : answered === 'yes';
}

function reply(request: ModelRequest, text: string, way: OfferedFunction | null): ModelReply {
  return {
    text,
    calls: way === null ? [] : [{ id: `call_${request.messages.length}`, name: way.name, arguments: {} }],
    usage: {
      promptTokens: estimatedTokens(JSON.stringify(request.messages).length + request.system.length),
      completionTokens: estimatedTokens(text.length),
      cachedTokens: null,
    },
    model: name,
    firstWordsMilliseconds: 0,
  };
}
