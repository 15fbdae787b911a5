/** What the agent has said in a call. */
import type { JsonValue, Run } from '@dograh-trigger/shared';

/** Dograh's type of an event with the agent's words. */
const spokenEvent = 'rtf-bot-text';

function textOfEvent(event: JsonValue): string {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return '';
  const { type, payload } = event;
  if (type !== spokenEvent || typeof payload !== 'object' || payload === null || Array.isArray(payload))
    return '';
  return typeof payload['text'] === 'string' ? payload['text'] : '';
}

export function spokenIn({ logs }: Pick<Run, 'logs'>): string {
  const events = logs?.['realtime_feedback_events'];
  if (!Array.isArray(events)) return '';
  return events
    .map(textOfEvent)
    .filter((text) => text !== '')
    .join(' ');
}
