/** The names under which a language model calls the transitions and the tools of a node: those that Dograh makes of them. */

/** What OpenAI's contract allows: `[a-zA-Z0-9_-]{1,64}`. */
export const longestFunctionName = 64;

/** `Go on!` is `go_on_`. Different labels may have the same name. */
export function transitionFunctionName(label: string): string {
  // By code point: by code unit, a character beyond U+FFFF would give two underscores.
  return label.toLowerCase().replace(/[^a-z0-9]/gu, '_');
}

/** `  Look-up  CRM! ` is `look_up_crm`. Empty when no letter or digit of ASCII is left. */
export function toolFunctionName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, '_')
    .replace(/^_|_$/g, '');
}
