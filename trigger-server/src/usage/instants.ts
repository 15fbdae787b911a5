/** Reads instants in queries and filters. */

const instantForm =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?(?:(Z)|([+ -])(\d{2}):?(\d{2}))?)?$/i;

/**
 * Turns an ISO 8601 instant into the form that the database stores. Without a zone it is in UTC, without a time it is
 * midnight. A space before the offset counts as a plus sign, because an unencoded `+` in a URL becomes a space.
 * @returns undefined for anything else.
 */
export function readInstant(form: string): string | undefined {
  const match = instantForm.exec(form.trim());
  if (match === null) return undefined;
  const [, date = '', time = '00:00', seconds = ':00', fraction = '', , sign, hours = '', minutes = ''] =
    match;
  const zone = sign === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${hours}:${minutes}`;
  const at = new Date(`${date}T${time}${seconds}${fraction}${zone}`);
  // The offset can move it out of the years 0 to 9999. Only within them is the order of the texts the order of time.
  const isInOrder = at.getUTCFullYear() >= 0 && at.getUTCFullYear() <= 9999;
  return isInOrder ? at.toISOString() : undefined;
}
