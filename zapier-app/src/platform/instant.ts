/** Parses a server's timestamp. Without a zone it is in UTC; Zapier would interpret it in the user's time zone. */
export function readInstant(text: string): Date {
  return new Date(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
}
