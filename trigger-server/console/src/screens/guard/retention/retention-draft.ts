/** How long what is kept: in words, and while it is edited. */
import type { RetentionSettings } from '@dograh-trigger/shared';

export type RetentionField = keyof RetentionSettings;

/** In the order of the form. `is`: `Calls are`. */
export const kinds: readonly { field: RetentionField; label: string; is: string; hint: string }[] = [
  {
    field: 'runs_days',
    label: 'Days to keep calls',
    is: 'Calls are',
    hint: 'With all that belongs to them, and their recordings at the carrier. A call stays while its idempotency key holds or an event is not delivered.',
  },
  {
    field: 'artifacts_days',
    label: 'Days to keep recordings and transcripts',
    is: 'Recordings and transcripts are',
    hint: 'The call stays, and so does the copy of the carrier.',
  },
  {
    field: 'events_days',
    label: 'Days to keep events',
    is: 'Events are',
    hint: 'With their attempts, once they are delivered, canceled or given up.',
  },
  {
    field: 'event_bodies_days',
    label: 'Days to keep the bodies of delivered events',
    is: 'The bodies of delivered events are',
    hint: 'With the replies of their receivers. An event without its body cannot be sent again.',
  },
];

/** `Calls are kept for 90 days.`, `Calls are kept for ever.` */
export function describeRetention(settings: RetentionSettings): string[] {
  return kinds.map(({ field, is }) => `${is} kept ${duration(settings[field])}.`);
}

function duration(days: number | null): string {
  if (days === null) return 'for ever';
  return days === 1 ? 'for 1 day' : `for ${String(days)} days`;
}

/** Empty: for ever. */
export type RetentionDraft = Record<RetentionField, string>;

export function draftOf(settings: RetentionSettings): RetentionDraft {
  const text = (field: RetentionField) => (settings[field] === null ? '' : String(settings[field]));
  return {
    runs_days: text('runs_days'),
    artifacts_days: text('artifacts_days'),
    event_bodies_days: text('event_bodies_days'),
    events_days: text('events_days'),
  };
}

/** What the server is sent. It judges the values, so what is not a number stays as it was typed. */
export function retentionToSend(draft: RetentionDraft): Record<RetentionField, number | string | null> {
  return {
    runs_days: daysOf(draft.runs_days),
    artifacts_days: daysOf(draft.artifacts_days),
    event_bodies_days: daysOf(draft.event_bodies_days),
    events_days: daysOf(draft.events_days),
  };
}

function daysOf(text: string): number | string | null {
  const typed = text.trim();
  if (typed === '') return null;
  return /^\d+$/.test(typed) ? Number(typed) : typed;
}

/** Whether something that is kept now would be removed. */
export function isShorter(settings: RetentionSettings, draft: RetentionDraft): boolean {
  return kinds.some(({ field }) => {
    const days = daysOf(draft[field]);
    return typeof days === 'number' && days < (settings[field] ?? Number.POSITIVE_INFINITY);
  });
}
