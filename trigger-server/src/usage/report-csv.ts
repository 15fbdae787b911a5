/** CSV after RFC 4180, that a spreadsheet can open without harm. */

/** What a spreadsheet would take for a formula; the wide forms too, which some read as the plain ones. */
const formulaStart = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
/** A plain number, which computes nothing: phone numbers are E.164, and stay as they are for whoever reads them. */
const plainNumber = /^[+-]?\d+(?:\.\d+)?$/;

/** One line with its end. Text that a spreadsheet would compute gets an apostrophe before it (OWASP: CSV injection). */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => csvCell(String(cell))).join(',')}\r\n`;
}

function csvCell(text: string): string {
  const safe = formulaStart.test(text) && !plainNumber.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
