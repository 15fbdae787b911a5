/** What was said in a call, from its log, so that it can be read while the call goes on. */
import type { Run } from '@dograh-trigger/shared';
import { eventsOf, textOf } from './logs';

export interface Utterance {
  speaker: 'agent' | 'person';
  /** An ISO timestamp; empty when the log has none. */
  at: string;
  text: string;
}

const speakers: Record<string, Utterance['speaker']> = {
  'rtf-bot-text': 'agent',
  'rtf-user-transcription': 'person',
};

export function conversationOf(run: Pick<Run, 'logs'>): Utterance[] {
  const utterances: Utterance[] = [];
  for (const { type, payload, at } of eventsOf(run)) {
    const speaker = Object.hasOwn(speakers, type) ? speakers[type] : undefined;
    const text = textOf(payload.text).trim();
    if (speaker !== undefined && text !== '' && payload.final !== false)
      utterances.push({ speaker, at, text });
  }
  return utterances;
}
