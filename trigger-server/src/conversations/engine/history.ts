/** The part of a history that is sent to the model. */
import type { Message } from './port';

/** The last messages. A result without its call would be refused, so the part never begins with one. */
export function sentPart(messages: readonly Message[], most: number): Message[] {
  const last = messages.slice(-most);
  const first = last.findIndex(({ role }) => role !== 'tool');
  return first === -1 ? [] : last.slice(first);
}

/** Puts the words that were heard in place of the last message of the assistant. */
export function cutLastSpeech(messages: readonly Message[], heard: string): Message[] {
  const at = messages.findLastIndex(({ role, content }) => role === 'assistant' && content !== null);
  const last = messages[at];
  if (last?.role !== 'assistant') return [...messages];
  const isEmpty = heard.trim() === '';
  const cut = isEmpty && last.calls === undefined ? [] : [{ ...last, content: isEmpty ? null : heard }];
  return [...messages.slice(0, at), ...cut, ...messages.slice(at + 1)];
}
