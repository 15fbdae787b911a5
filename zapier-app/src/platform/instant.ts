/** Reads a server's timestamp. One without a zone is in UTC: Zapier would take it for the user's own time. */
export function readInstant(text: string): Date {
  return new Date(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
}
