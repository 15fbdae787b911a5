/** The part of a history that is sent to the model. */
import { heardOf } from './speech/heard-part';
import type { Message } from './port';

/** The last messages. A result without its call would be refused, so the part never begins with one. */
export function sentPart(messages: readonly Message[], most: number): Message[] {
  const last = messages.slice(-most);
  const first = last.findIndex(({ role }) => role !== 'tool');
  return first === -1 ? [] : last.slice(first);
}

/**
 * Cuts what the assistant said since it was spoken to, to the words that were heard of it. A message of which nothing was
 * heard is left out, unless functions were called with it.
 */
export function cutLastSpeech(messages: readonly Message[], heard: string): Message[] {
  const from = messages.findLastIndex(({ role }) => role === 'user') + 1;
  const spoken = messages.slice(from).flatMap((one) => (isSpeech(one) ? [one.content] : []));
  const parts = heardOf(spoken, heard);
  return messages.flatMap((message, at): Message[] => {
    if (at < from || !isSpeech(message)) return [message];
    const part = parts.shift() ?? '';
    if (part !== '') return [{ ...message, content: part }];
    return message.calls === undefined ? [] : [{ ...message, content: null }];
  });
}

function isSpeech(
  message: Message,
): message is Extract<Message, { role: 'assistant' }> & { content: string } {
  return message.role === 'assistant' && message.content !== null;
}
