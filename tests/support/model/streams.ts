/**
 * Answers of OpenAI-compatible endpoints, byte by byte as they come: the ordinary ones, and what servers that call
 * themselves compatible do otherwise.
 */

/** What happens after the last byte. */
export type Ending = 'end' | 'stall' | 'cut' | 'endless';

export interface Play {
  status?: number;
  headers?: Record<string, string>;
  /** Sent one after the other, each in a packet of its own. */
  pieces: readonly (string | Buffer)[];
  ending?: Ending;
}

type Json = Record<string, unknown>;

/** One event with a piece of an answer. Like Ollama and vLLM, it names the role in each. */
export function chunk(delta: Json, more: Json = {}): string {
  return event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'fake-1',
    choices: [{ index: 0, delta: { role: 'assistant', ...delta }, finish_reason: null, ...more }],
  });
}

export function event(value: Json): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

export function finish(reason: string): string {
  return chunk({}, { finish_reason: reason });
}

export const usage = event({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'fake-1',
  choices: [],
  usage: {
    prompt_tokens: 11,
    completion_tokens: 7,
    total_tokens: 18,
    prompt_tokens_details: { cached_tokens: 3 },
  },
});
export const done = 'data: [DONE]\n\n';

/** A piece of a call of a function. */
export function call(index: number | null, id: string | null, name: string | null, text: unknown): Json {
  return {
    ...(index === null ? {} : { index }),
    ...(id === null ? {} : { id }),
    ...(name === null ? {} : { type: 'function' }),
    function: { ...(name === null ? {} : { name }), ...(text === null ? {} : { arguments: text }) },
  };
}

export function calls(...pieces: Json[]): string {
  return chunk({ tool_calls: pieces });
}

/** A text in these pieces, with its end and its usage. */
export function spoken(...texts: string[]): Play {
  return {
    pieces: [
      chunk({ content: '' }),
      ...texts.map((content) => chunk({ content })),
      finish('stop'),
      usage,
      done,
    ],
  };
}

/** A call of each of these functions with its arguments. */
export function called(...functions: { name: string; arguments?: Json }[]): Play {
  return {
    pieces: [
      ...functions.map(({ name, arguments: given = {} }, index) =>
        calls(call(index, `call_${name}`, name, JSON.stringify(given))),
      ),
      finish('tool_calls'),
      usage,
      done,
    ],
  };
}

/** An error of the endpoint. */
export function refused(status: number, body: unknown, headers: Record<string, string> = {}): Play {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    pieces: [typeof body === 'string' ? body : JSON.stringify(body)],
  };
}

/** A whole answer in one piece. */
export function whole(message: Json): Play {
  return {
    headers: { 'content-type': 'application/json' },
    pieces: [
      JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1_700_000_000,
        model: 'fake-1',
        choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
      }),
    ],
  };
}
