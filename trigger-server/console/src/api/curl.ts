/** A curl command that starts a call. */

/** The API key is taken from this variable of the shell: a key in a command would stay in the shell's history. */
export const keyVariable = 'DOGRAH_API_KEY';

/**
 * @param url the whole address of a trigger.
 * @param body sent as JSON.
 */
export function curlCommand(url: string, body: object): string {
  return [
    `curl -X POST ${shellWord(url)}`,
    `  -H "X-API-Key: $${keyVariable}"`,
    "  -H 'Content-Type: application/json'",
    `  -d ${shellWord(JSON.stringify(body, null, 2))}`,
  ].join(' \\\n');
}

/** One argument of a POSIX shell, whatever it contains. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
