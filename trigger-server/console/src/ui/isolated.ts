/**
 * Somebody else's text within our sentence: its direction, and marks such as U+202E in it, end where it ends. The two marks
 * are those of Unicode (UAX 9: first strong isolate, pop directional isolate).
 */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}
