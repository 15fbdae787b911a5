/** Moments in the reader's own time zone, and durations. */
export { formatSeconds } from './duration';

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
