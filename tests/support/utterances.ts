/** What was said in a conversation. */
import type { Run } from '@dograh-trigger/shared';

/** The words of both speakers in the log of the run, in its order. */
export function utterances({ logs }: Pick<Run, 'logs'>): string[] {
  const events = (logs?.realtime_feedback_events ?? []) as { type: string; payload: { text: string } }[];
  return events
    .filter(({ type }) => type === 'rtf-bot-text' || type === 'rtf-user-transcription')
    .map(({ payload }) => payload.text);
}
