/** The transcript of a call in Dograh's text format. It is built from the run's events, so there is no file to lose. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';

/** Dograh's type of an event with the agent's words. */
export const spokenEventType = 'rtf-bot-text';

/** One line per utterance, in order: `[2026-11-23T12:00:01.000Z] assistant: Hello`. */
export function transcriptOf(payloads: readonly JsonObject[]): string {
  return payloads
    .map(utteranceOf)
    .filter((line) => line !== null)
    .map((line) => `${line}\n`)
    .join('');
}

function utteranceOf({ type, payload, timestamp }: JsonObject): string | null {
  if (type !== spokenEventType) return null;
  // A line break inside an utterance would look like the line of another speaker.
  const text = textIn(payload).replace(/\s+/g, ' ').trim();
  if (text === '') return null;
  return `${typeof timestamp === 'string' ? `[${timestamp}] ` : ''}assistant: ${text}`;
}

function textIn(payload: JsonValue | undefined): string {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return '';
  return typeof payload.text === 'string' ? payload.text : '';
}
