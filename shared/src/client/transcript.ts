/** Parses Dograh's transcripts: `[2026-08-22T03:04:05Z] assistant: Hello`, one line for each utterance. */

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
