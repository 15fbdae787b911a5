/** A chat model with OpenAI's protocol. It requests its scripted tool calls, and then answers. */
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';

export interface ToolCall {
  name: string;
  arguments: object;
}

/** The parts of a request to the model that the tests use. */
export interface ChatRequest {
  messages: { role: string; content: string }[];
  tools: object[];
}

/**
 * @param rounds the tool calls of each turn; the next turn follows when the model has received their results.
 *   @param lastWord its final answer.
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
