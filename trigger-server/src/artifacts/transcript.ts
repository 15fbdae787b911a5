/** What was said in a call, in Dograh's text format. Made out of the run's events, so there is no file to lose. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';

/** Dograh's type of an event that holds what the agent said. */
export const spokenEventType = 'rtf-bot-text';

/** One line for each thing said, in order: `[2026-11-23T12:00:01.000Z] assistant: Hello`. */
export function transcriptOf(payloads: readonly JsonObject[]): string {
  return payloads
    .map(utteranceOf)
    .filter((line) => line !== null)
    .map((line) => `${line}\n`)
    .join('');
}

function utteranceOf({ type, payload, timestamp }: JsonObject): string | null {
  if (type !== spokenEventType) return null;
  // A line break inside what was said would look like another speaker's line.
  const text = textIn(payload).replace(/\s+/g, ' ').trim();
  if (text === '') return null;
  return `${typeof timestamp === 'string' ? `[${timestamp}] ` : ''}assistant: ${text}`;
}

function textIn(payload: JsonValue | undefined): string {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return '';
  return typeof payload.text === 'string' ? payload.text : '';
}
