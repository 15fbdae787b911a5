/** The transcript of a call in Dograh's text format. It is built from the run's events, so there is no file to lose. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import type { Utterance } from '../carriers/port/report';
import { feedbackEvent, type RunEvent } from '../runs/run-log';

/** Dograh's type of an event with the agent's words. */
export const spokenEventType = 'rtf-bot-text';
/** Of one with the words of the person called. */
const heardEventType = 'rtf-user-transcription';

/** Type and payload of the event of an utterance. Dograh marks the final words of a person, which guesses precede. */
export function utteranceEvent({ speaker, text }: Utterance): { type: string; payload: JsonObject } {
  return speaker === 'assistant'
    ? { type: spokenEventType, payload: { text } }
    : { type: heardEventType, payload: { text, final: true } };
}

/** The events of what was said in a conversation that another server held. @param at the time of what has none. */
export function conversationEvents(utterances: readonly Utterance[], at: Date): RunEvent[] {
  return utterances.map((utterance) => {
    const { type, payload } = utteranceEvent(utterance);
    return feedbackEvent(type, payload, utterance.at ?? at.toISOString());
  });
}

/** Whether an event has words that were said in the call. */
export function isUtterance({ type }: JsonObject): boolean {
  return type === spokenEventType || type === heardEventType;
}

/** Segments of text by word, also in languages that do not separate words by spaces. */
const words = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * The words that were heard of an utterance that was cut off. They are found by the length of the text, as if each
 * character took the same time. A word that was cut off is left out.
 * @param share the part of its time that passed, 0 to 1.
 */
export function heardPart(text: string, share = 1): string {
  if (share >= 1) return text;
  const length = text.length * share;
  let end = 0;
  for (const { index, segment } of words.segment(text)) {
    if (index + segment.length > length) break;
    end = index + segment.length;
  }
  return text.slice(0, end).trimEnd();
}

/** One line per utterance, in order: `[2026-11-23T12:00:01.000Z] assistant: Hello`. */
export function transcriptOf(payloads: readonly JsonObject[]): string {
  return payloads
    .map(utteranceOf)
    .filter((line) => line !== null)
    .map((line) => `${line}\n`)
    .join('');
}

/** As much as fits into a cell of a spreadsheet. */
const longestText = 32_000;
const rest = '[The rest is in the file of the transcript.]';

/** A transcript that stands within another text. A longer one ends after a whole line, and says so. */
export function shortTranscriptOf(payloads: readonly JsonObject[]): string {
  const text = transcriptOf(payloads).trimEnd();
  if (text.length <= longestText) return text;
  const head = text.slice(0, longestText - rest.length - 1);
  return `${head.slice(0, Math.max(0, head.lastIndexOf('\n')))}\n${rest}`;
}

function utteranceOf(event: JsonObject): string | null {
  if (!isUtterance(event)) return null;
  const { type, payload, timestamp } = event;
  // A line break inside an utterance would look like the line of another speaker.
  const text = textIn(payload).replace(/\s+/g, ' ').trim();
  if (text === '') return null;
  const speaker = type === spokenEventType ? 'assistant' : 'user';
  return `${typeof timestamp === 'string' ? `[${timestamp}] ` : ''}${speaker}: ${text}`;
}

function textIn(payload: JsonValue | undefined): string {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return '';
  return typeof payload.text === 'string' ? payload.text : '';
}
