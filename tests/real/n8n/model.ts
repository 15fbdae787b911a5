/** A chat model that speaks OpenAI's protocol: first it wants its tool calls done, and then it has its say. */
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';

export interface ToolCall {
  name: string;
  arguments: object;
}

/** What the model is sent, as far as the tests look at it. */
export interface ChatRequest {
  messages: { role: string; content: string }[];
  tools: object[];
}

export async function startModel(calls: ToolCall[], lastWord: string): Promise<LocalServer> {
  const toolCalls = calls.map((call, index) => ({
    id: `call_${String(index)}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  return startLocalServer((request, response) => {
    const { messages } = JSON.parse(request.body.toString()) as ChatRequest;
    const isDone = messages.some(({ role }) => role === 'tool');
    const message = isDone ? { content: lastWord } : { content: null, tool_calls: toolCalls };
    replyJson(response, 200, {
      id: 'completion-1',
      object: 'chat.completion',
      created: 1,
      model: 'test-model',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', ...message },
          finish_reason: isDone ? 'stop' : 'tool_calls',
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
  });
}
