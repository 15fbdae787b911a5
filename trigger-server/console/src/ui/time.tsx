/** Moments and durations, in the reader's own time zone. */

const dayAndTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });
const timeOnly = new Intl.DateTimeFormat('en', { timeStyle: 'medium' });

/** @param at an ISO timestamp. */
export function Time({ at, short = false }: { at: string; short?: boolean }) {
  const moment = new Date(at);
  return (
    <time dateTime={at} title={dayAndTime.format(moment)}>
      {(short ? timeOnly : dayAndTime).format(moment)}
    </time>
  );
}

/** `72` → `1:12`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
