/** A question to the model as chat completions have it. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { Message, ModelRequest } from '../engine/port';
import { manner, needsUserMessage, tokenLimit, type Endpoint } from './endpoint';

/** An extraction answers with the values of a whole conversation. */
const extractionTokens = 2000;
const answered = '(the call was answered)';

/** @param replyTokens the longest answer of a turn. */
export function completionRequest(
  endpoint: Endpoint,
  request: ModelRequest,
  replyTokens: number,
): JsonObject {
  const { system, streamed } = request;
  const isSilent = needsUserMessage(endpoint) && !request.messages.some(({ role }) => role === 'user');
  return {
    model: endpoint.model,
    messages: [
      ...(system === '' ? [] : [{ role: 'system', content: system }]),
      ...(isSilent ? [{ role: 'user', content: answered }] : []),
      ...request.messages.map(wireMessage),
    ],
    ...manner(endpoint),
    ...tokenLimit(endpoint, streamed ? replyTokens : extractionTokens),
    ...(streamed ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...(request.functions.length === 0
      ? {}
      : {
          tools: request.functions.map(({ name, description, parameters }) => ({
            type: 'function',
            function: { name, description, parameters },
          })),
        }),
  };
}

function wireMessage(message: Message): JsonObject {
  if (message.role === 'tool') {
    return { role: 'tool', tool_call_id: message.callId, content: message.content };
  }
  const calls = message.role === 'assistant' ? (message.calls ?? []) : [];
  return {
    role: message.role,
    content: message.content,
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: call.name, arguments: JSON.stringify(call.arguments ?? {}) },
          })),
        }),
  };
}

/** About four characters are a token in most languages of Europe. For endpoints that count nothing. */
export function estimatedTokens(characters: number): number {
  return Math.ceil(characters / 4);
}
