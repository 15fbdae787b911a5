/** What was said in a call or a text chat, in order, with the steps that the agent went to between. */
import type { JsonObject, Run, TextChat } from '@dograh-trigger/shared';
import { eventsOf, textOf } from './logs';

export interface Utterance {
  speaker: 'agent' | 'person';
  /** An ISO timestamp; empty when the log has none. */
  at: string;
  text: string;
}

/** The agent went to another step of its definition. */
export interface Move {
  to: string;
  at: string;
}

/** Something failed, in the words of the server. */
export interface Failure {
  failure: string;
  at: string;
}

export type ConversationLine = Utterance | Move | Failure;

const speakers: Record<string, Utterance['speaker']> = {
  'rtf-bot-text': 'agent',
  'rtf-user-transcription': 'person',
};

function isUtterance(line: ConversationLine): line is Utterance {
  return 'speaker' in line;
}

/** What was said, from the log of the call, so that it can be read while the call goes on. */
export function conversationOf(run: Pick<Run, 'logs'>): Utterance[] {
  return linesOfCall(run).filter(isUtterance);
}

export function linesOfCall(run: Pick<Run, 'logs'>): ConversationLine[] {
  return eventsOf(run).flatMap(({ type, payload, at }): ConversationLine[] => {
    if (type === 'rtf-node-transition') return [{ to: textOf(payload.node_name), at }];
    const speaker = Object.hasOwn(speakers, type) ? speakers[type] : undefined;
    const text = textOf(payload.text).trim();
    return speaker === undefined || text === '' || payload.final === false ? [] : [{ speaker, at, text }];
  });
}

/** The turns that are part of the conversation, and those that failed. */
export function linesOfChat({ session_data: { turns } }: TextChat): ConversationLine[] {
  return turns.flatMap(({ user_message: asked, assistant_message: answer, events }): ConversationLine[] => [
    ...(asked === null ? [] : [{ speaker: 'person' as const, at: asked.created_at, text: asked.text }]),
    ...events.flatMap(({ type, payload, created_at: at }): ConversationLine[] => {
      if (type === 'node_transition') return [{ to: textOf(payload['node_name']), at }];
      return type === 'execution_error' ? [{ failure: textOf(payload['message']), at }] : [];
    }),
    ...(answer === null ? [] : [{ speaker: 'agent' as const, at: answer.created_at, text: answer.text }]),
  ]);
}

/** The name of the step at which a text chat stands; empty before its opening. */
export function stepOfChat({ checkpoint, session_data: { turns } }: TextChat): string {
  const entered = turns
    .flatMap(({ events }) => events)
    .findLast(
      ({ type, payload }) => type === 'node_transition' && payload['node_id'] === checkpoint.current_node_id,
    );
  return textOf(entered?.payload['node_name']) || (checkpoint.current_node_id ?? '');
}

/** The values that the agent has extracted, with their names; empty where there are none. */
export function extractedValues(gathered: JsonObject | null | undefined): [string, string][] {
  const values = gathered?.['extracted_variables'];
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return [];
  return Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}
