/** Each stream is read to the same result by our reader and by OpenAI's own client, but for the differences named. */
import OpenAI from 'openai';
import { askableModel, question, type AskableModel } from '../../../support/model/asked';
import { startModelServer, type ModelServer } from '../../../support/model/server';
import {
  call,
  called,
  calls,
  chunk,
  done,
  event,
  finish,
  spoken,
  usage,
  whole,
  type Play,
} from '../../../support/model/streams';

interface Result {
  text: string;
  calls: { id: string; name: string; arguments: unknown }[];
  tokens: [prompt: number, completion: number] | null;
}

interface Row {
  title: string;
  play: Play;
  result: Result | 'fails';
  /** How OpenAI's client reads it, where it reads something else. */
  theirs?: { why: string; result: Result | 'fails' };
}

const tokens: Result['tokens'] = [11, 7];
const goOn = { id: 'call_go_on', name: 'go_on', arguments: {} };
const lookUp = { id: 'a', name: 'look_up', arguments: { phone: '+15550100' } };
const said = { text: 'Grüß Gott.', calls: [], tokens };
const split = Buffer.from(chunk({ content: 'Grüß Gott.' }));
const middleOfUmlaut = split.indexOf(Buffer.from('ü')) + 1;

const rows: Row[] = [
  { title: 'text in pieces', play: spoken('Grüß ', 'Gott.'), result: said },
  {
    title: 'a letter that two packets share',
    play: {
      pieces: [
        split.subarray(0, middleOfUmlaut),
        split.subarray(middleOfUmlaut),
        finish('stop'),
        usage,
        done,
      ],
    },
    result: said,
  },
  {
    title: 'lines that end with CR and LF, and comments between them',
    play: {
      pieces: [
        ': OPENROUTER PROCESSING\r\n\r\n',
        chunk({ content: 'Grüß Gott.' }).replaceAll('\n', '\r\n'),
        ': OPENROUTER PROCESSING\r\n\r\n',
        finish('stop').replaceAll('\n', '\r\n'),
        usage,
        done,
      ],
    },
    result: said,
  },
  {
    title: 'a first chunk without choices, as Azure sends it',
    play: {
      pieces: [
        event({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] }),
        chunk({ content: 'Grüß Gott.' }),
        finish('stop'),
        usage,
        done,
      ],
    },
    result: said,
  },
  {
    title: 'text beside a call',
    play: {
      pieces: [
        chunk({ content: 'Great.' }),
        calls(call(0, 'call_go_on', 'go_on', '')),
        calls(call(0, null, null, '{}')),
        finish('tool_calls'),
        usage,
        done,
      ],
    },
    result: { text: 'Great.', calls: [goOn], tokens },
  },
  {
    title: 'two calls at once',
    play: called({ name: 'go_on' }, { name: 'wrong_number' }),
    result: {
      text: '',
      calls: [goOn, { id: 'call_wrong_number', name: 'wrong_number', arguments: {} }],
      tokens,
    },
  },
  {
    title: 'arguments in pieces of two calls in turn',
    play: {
      pieces: [
        calls(call(0, 'a', 'look_up', '{"pho')),
        calls(call(1, 'call_go_on', 'go_on', '{')),
        calls(call(0, null, null, 'ne":"+15550100"}')),
        calls(call(1, null, null, '}')),
        finish('tool_calls'),
        usage,
        done,
      ],
    },
    result: { text: '', calls: [lookUp, goOn], tokens },
  },
  {
    title: 'a call that ends with `stop`, as Gemini and some of OpenAI’s models say',
    play: { pieces: [calls(call(0, 'call_go_on', 'go_on', '{}')), finish('stop'), usage, done] },
    result: { text: '', calls: [goOn], tokens },
  },
  {
    title: 'arguments that are not JSON',
    play: { pieces: [calls(call(0, 'a', 'look_up', '{"phone":')), finish('tool_calls'), usage, done] },
    result: { text: '', calls: [{ id: 'a', name: 'look_up', arguments: null }], tokens },
  },
  {
    title: 'arguments that are JSON and no object',
    play: { pieces: [calls(call(0, 'a', 'look_up', '[1]')), finish('tool_calls'), usage, done] },
    result: { text: '', calls: [{ id: 'a', name: 'look_up', arguments: null }], tokens },
  },
  {
    title: 'arguments that the limit of tokens has cut where they still are JSON',
    play: {
      pieces: [calls(call(0, 'a', 'look_up', '{"phone":"+1"}')), finish('length'), usage, done],
    },
    result: { text: '', calls: [{ id: 'a', name: 'look_up', arguments: null }], tokens },
    theirs: {
      why: 'it takes them for whole',
      result: { text: '', calls: [{ id: 'a', name: 'look_up', arguments: { phone: '+1' } }], tokens },
    },
  },
  {
    title: 'no id',
    play: { pieces: [calls(call(0, null, 'go_on', '{}')), finish('tool_calls'), usage, done] },
    result: { text: '', calls: [{ ...goOn, id: 'call_0' }], tokens },
    theirs: {
      why: 'it invents a random id',
      result: { text: '', calls: [{ ...goOn, id: 'call_<random>' }], tokens },
    },
  },
  {
    title: 'no index, as one call in one chunk',
    play: { pieces: [calls(call(null, 'call_go_on', 'go_on', '{}')), finish('stop'), usage, done] },
    result: { text: '', calls: [goOn], tokens },
    theirs: { why: 'it loses a call without an index', result: { text: '', calls: [], tokens } },
  },
  {
    title: 'index 0 for all calls, each whole',
    play: {
      pieces: [
        calls(call(0, 'a', 'look_up', '{"phone":"+15550100"}')),
        calls(call(0, 'call_go_on', 'go_on', '{}')),
        finish('tool_calls'),
        usage,
        done,
      ],
    },
    result: { text: '', calls: [lookUp, goOn], tokens },
    theirs: {
      why: 'it makes one call of them',
      result: { text: '', calls: [{ id: 'call_go_on', name: 'go_on', arguments: null }], tokens },
    },
  },
  {
    title: 'index 0 and no id for two whole calls',
    play: {
      pieces: [
        calls(call(0, null, 'go_on', '{}')),
        calls(call(0, null, 'wrong_number', '{}')),
        finish('tool_calls'),
        usage,
        done,
      ],
    },
    result: {
      text: '',
      calls: [
        { ...goOn, id: 'call_0' },
        { id: 'call_1', name: 'wrong_number', arguments: {} },
      ],
      tokens,
    },
    theirs: {
      why: 'it makes one call of them',
      result: { text: '', calls: [{ id: 'call_<random>', name: 'wrong_number', arguments: null }], tokens },
    },
  },
  {
    title: 'a new id on every piece',
    play: {
      pieces: [
        calls(call(0, 'a', 'look_up', '{"phone":')),
        calls(call(0, 'b', null, '"+15550100"}')),
        finish('tool_calls'),
        usage,
        done,
      ],
    },
    result: { text: '', calls: [lookUp], tokens },
    theirs: { why: 'it keeps the last id', result: { text: '', calls: [{ ...lookUp, id: 'b' }], tokens } },
  },
  {
    title: 'arguments as an object',
    play: {
      pieces: [calls(call(0, 'a', 'look_up', { phone: '+15550100' })), finish('tool_calls'), usage, done],
    },
    result: { text: '', calls: [lookUp], tokens },
    theirs: {
      why: 'it writes the object as [object Object]',
      result: { text: '', calls: [{ ...lookUp, arguments: null }], tokens },
    },
  },
  {
    title: 'content as parts',
    play: {
      pieces: [chunk({ content: [{ type: 'text', text: 'Grüß Gott.' }] }), finish('stop'), usage, done],
    },
    result: said,
    theirs: {
      why: 'it writes the parts as [object Object]',
      result: { ...said, text: '[object Object]' },
    },
  },
  {
    title: 'no usage',
    play: { pieces: [chunk({ content: 'Grüß Gott.' }), finish('stop'), done] },
    result: { ...said, tokens: null },
  },
  {
    title: 'no [DONE]',
    play: { pieces: [chunk({ content: 'Grüß Gott.' }), finish('stop'), usage] },
    result: said,
  },
  {
    title: 'no finish_reason',
    play: { pieces: [chunk({ content: 'Grüß Gott.' }), usage, done] },
    result: said,
    theirs: { why: 'it requires a finish_reason', result: 'fails' },
  },
  {
    title: 'no empty line after the last event',
    play: { pieces: [chunk({ content: 'Grüß Gott.' }), finish('stop'), usage, done.trimEnd()] },
    result: said,
  },
  {
    title: 'an end before the answer is complete',
    play: { pieces: [chunk({ content: 'Grüß ' })] },
    result: 'fails',
  },
  {
    title: 'a connection that is cut in the middle',
    play: { pieces: [chunk({ content: 'Grüß ' })], ending: 'cut' },
    result: 'fails',
  },
  {
    title: 'an error in the middle, as OpenRouter sends it',
    play: {
      pieces: [chunk({ content: 'Grüß ' }), event({ error: { code: 502, message: 'Provider gone' } }), done],
    },
    result: 'fails',
  },
  {
    title: 'an error in the middle, as vLLM sends it',
    play: {
      pieces: [
        chunk({ content: 'Grüß ' }),
        event({ object: 'error', message: 'out of memory', type: 'InternalServerError' }),
        done,
      ],
    },
    result: 'fails',
  },
  {
    title: 'an answer in one piece, where a stream was asked for',
    play: whole({ content: 'Grüß Gott.' }),
    result: said,
    theirs: { why: 'it reads nothing but events', result: 'fails' },
  },
  {
    title: 'no answer at all',
    play: { pieces: [done] },
    result: { text: '', calls: [], tokens: null },
    theirs: { why: 'it requires a chunk', result: 'fails' },
  },
];

let server: ModelServer;
let asked: AskableModel;

beforeAll(async () => {
  server = await startModelServer();
  asked = askableModel(server.baseUrl);
});
afterAll(async () => {
  await asked.close();
  await server.close();
});

test.each(rows)('$title', async ({ play, result, theirs }) => {
  server = await replaced(play);
  expect(await ours()).toEqual(result);
  expect(await officials()).toEqual(theirs?.result ?? result);
});

async function replaced(play: Play): Promise<ModelServer> {
  await server.close();
  await asked.close();
  const next = await startModelServer(play);
  asked = askableModel(next.baseUrl);
  return next;
}

async function ours(): Promise<Result | 'fails'> {
  const texts: string[] = [];
  try {
    const reply = await asked.model.reply(question(), (text) => void texts.push(text));
    expect(texts.join('')).toBe(reply.text);
    const { promptTokens, completionTokens, cachedTokens } = reply.usage;
    // The fake endpoint counts from 11 on; what is estimated is another number.
    const isCounted = promptTokens === 11;
    if (isCounted && reply.calls.length > 0) expect(cachedTokens).toBe(3);
    return { text: reply.text, calls: [...reply.calls], tokens: isCounted ? [11, completionTokens] : null };
  } catch (error) {
    expect((error as Error).name).toBe('ModelFailure');
    return 'fails';
  }
}

async function officials(): Promise<Result | 'fails'> {
  const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'sk-test-1234', maxRetries: 0 });
  try {
    const { choices, usage: counted } = await client.chat.completions
      .stream({
        model: 'fake-1',
        messages: [{ role: 'user', content: 'Yes, speaking.' }],
        stream_options: { include_usage: true },
      })
      .finalChatCompletion();
    const message = choices[0]?.message;
    return {
      text: message?.content ?? '',
      calls: (message?.tool_calls ?? []).map((made) => ({
        id: made.id.replace(/^call_[0-9a-f-]{36}$/, 'call_<random>'),
        name: made.function.name,
        arguments: objectOf(made.function.arguments),
      })),
      tokens: counted == null ? null : [counted.prompt_tokens, counted.completion_tokens],
    };
  } catch {
    return 'fails';
  }
}

function objectOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
