/**
 * What was said in a call. Dograh keeps it twice: as a text, `[2026-08-22T03:04:05Z] assistant: Hello` with one line for each
 * utterance, and as events in the log of the run.
 */
import * as z from 'zod';
import type { Run } from '../contracts';

export interface Utterance {
  /** `user` is the person who was called, `assistant` the agent; `null` on a line without a speaker. */
  speaker: string | null;
  /** When it began, as written in the transcript; `null` without a timestamp. */
  startedAt: string | null;
  text: string;
}

/** The bracket may hold two instants, `start -> end`, and may be missing. */
const utteranceForm = /^(?:\[([^\]]{0,80})\] )?(user|assistant): (.*)$/;

/** A line that does not begin an utterance continues the one before. */
export function parseTranscript(transcript: string): Utterance[] {
  const utterances: Utterance[] = [];
  for (const line of transcript.split(/\r?\n/)) {
    const [, instants, speaker, text = ''] = utteranceForm.exec(line) ?? [];
    const previous = utterances.at(-1);
    if (speaker !== undefined) {
      utterances.push({ speaker, startedAt: instants?.split(' -> ', 1)[0] ?? null, text });
    } else if (previous) {
      previous.text += `\n${line}`;
    } else if (line.trim() !== '') {
      utterances.push({ speaker: null, startedAt: null, text: line });
    }
  }
  return utterances.map((utterance) => ({ ...utterance, text: utterance.text.trimEnd() }));
}

const spokenEvent = z.looseObject({
  type: z.enum(['rtf-user-transcription', 'rtf-bot-text']),
  payload: z.looseObject({ text: z.string(), timestamp: z.string().nullish() }),
  timestamp: z.string().nullish(),
});

/** The utterances in the log of a run, which need no download. Empty while the log has none. */
export function utterancesIn({ logs }: Pick<Run, 'logs'>): Utterance[] {
  const events = logs?.realtime_feedback_events;
  return (Array.isArray(events) ? events : []).flatMap((event) => {
    const { data } = spokenEvent.safeParse(event);
    const text = data?.payload.text.trim() ?? '';
    if (data === undefined || text === '') return [];
    const speaker = data.type === 'rtf-bot-text' ? 'assistant' : 'user';
    return [{ speaker, startedAt: data.payload.timestamp ?? data.timestamp ?? null, text }];
  });
}
