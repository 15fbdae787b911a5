/** A chat model that speaks OpenAI's protocol: it wants its tool calls done, and then it has its say. */
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

/**
 * @param rounds the tool calls of one turn each; a next turn comes when the model has read what they gave.
 * @param lastWord what it says when there are no more.
 */
export async function startModel(rounds: ToolCall[][], lastWord: string): Promise<LocalServer> {
  return startLocalServer((request, response) => {
    const { messages } = JSON.parse(request.body.toString()) as ChatRequest;
    // The agent repeats the conversation so far: each turn of the model is in it.
    const turn = messages.filter(({ role }) => role === 'assistant').length;
    const calls = rounds[turn]?.map((call, index) => ({
      id: `call_${String(turn)}_${String(index)}`,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    }));
    const message = calls ? { content: null, tool_calls: calls } : { content: lastWord };
    replyJson(response, 200, {
      id: 'completion-1',
      object: 'chat.completion',
      created: 1,
      model: 'test-model',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', ...message },
          finish_reason: calls ? 'tool_calls' : 'stop',
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
  });
}
