/** The name of the function by which a language model takes a transition. */

/**
 * Dograh's rule: every code point outside `a-z0-9` becomes one underscore, so different labels may have one name:
 * `Go on!` and `go on?` are both `go_on_`.
 */
export function transitionFunctionName(label: string): string {
  return label.toLowerCase().replace(/[^a-z0-9]/gu, '_');
}
