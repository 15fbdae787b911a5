/** An OpenAI-compatible endpoint on 127.0.0.1 that answers by what the callee has said last. */
import { replyJson, startLocalServer } from '../../support/local-server';

/** A text; or the call of a function, and what is said after it. */
export type Answer = { text: string } | { call: string; then: string };

export interface TalkModel {
  /** For `LLM_BASE_URL`. */
  baseUrl: string;
  close(): Promise<void>;
}

interface Asked {
  stream?: boolean;
  messages: { role: string; content: string | null }[];
}

export async function startTalkModel(answers: Record<string, Answer>): Promise<TalkModel> {
  const server = await startLocalServer((request, response) => {
    const { stream, messages } = JSON.parse(request.body.toString()) as Asked;
    if (stream !== true) {
      const message = { role: 'assistant', content: '{"budget": 500}' };
      replyJson(response, 200, { choices: [{ message, finish_reason: 'stop' }] });
      return;
    }
    const said = messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const answer = answers[said] ?? { text: 'Are you still there?' };
    const isCalled = messages.at(-1)?.role === 'tool';
    const call = { index: 0, id: 'c1', type: 'function' };
    const delta =
      'text' in answer
        ? { content: answer.text }
        : isCalled
          ? { content: answer.then }
          : { tool_calls: [{ ...call, function: { name: answer.call, arguments: '{}' } }] };
    const reason = 'tool_calls' in delta ? 'tool_calls' : 'stop';
    const events = [
      JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] }),
      JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: reason }] }),
      '[DONE]',
    ];
    response.setHeader('content-type', 'text/event-stream');
    response.end(events.map((event) => `data: ${event}\n\n`).join(''));
  });
  return { baseUrl: `${server.url}/v1`, close: () => server.close() };
}
