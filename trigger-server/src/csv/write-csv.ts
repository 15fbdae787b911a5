/** CSV after RFC 4180 that is safe to open in a spreadsheet. */

/** A cell that begins like this is a formula in a spreadsheet. Some also accept the full-width characters. */
const formulaStart = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
/** A plain number is not a formula. Phone numbers (E.164) are of this form and stay unchanged. */
const plainNumber = /^[+-]?\d+(?:\.\d+)?$/;

/**
 * One CSV line with its line break. An apostrophe goes before a text that a spreadsheet would evaluate
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => csvCell(String(cell))).join(',')}\r\n`;
}

function csvCell(text: string): string {
  const safe = formulaStart.test(text) && !plainNumber.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
