/** Instants as a query or a filter gives them. */

const instantForm =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?(?:(Z)|([+ -])(\d{2}):?(\d{2}))?)?$/i;

/**
 * An instant after ISO 8601 as the database holds it. Without a zone it is in UTC, without a time it is midnight. A space
 * before the offset is a plus sign that was sent in an address as it is.
 * @returns undefined for anything else.
 */
export function readInstant(form: string): string | undefined {
  const match = instantForm.exec(form.trim());
  if (match === null) return undefined;
  const [, date = '', time = '00:00', seconds = ':00', fraction = '', , sign, hours = '', minutes = ''] =
    match;
  const zone = sign === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${hours}:${minutes}`;
  const at = new Date(`${date}T${time}${seconds}${fraction}${zone}`);
  // Its offset can carry it out of the years of four digits, whose texts are in the order of time.
  const isInOrder = at.getUTCFullYear() >= 0 && at.getUTCFullYear() <= 9999;
  return isInOrder ? at.toISOString() : undefined;
}
