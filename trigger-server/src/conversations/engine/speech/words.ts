/** Words that are said and heard: without what a voice cannot speak, and bounded. Every expression here is linear. */

/** Of a model's text before it is cleaned. What is said is shorter. */
const mostCleaned = 20_000;

/** A text of a model as a voice can say it: without Markdown, links and characters that are no text. */
export function speakable(text: string): string {
  return plain(text.slice(0, mostCleaned))
    .replace(/\[([^[\]]*)\]\([^()]*\)/g, '$1')
    .replace(/[*#`]/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
}

/** Without control characters and halves of characters, which no database keeps. */
export function plain(text: string): string {
  return text.toWellFormed().replace(/[^\P{Cc}\t\n]|\ufffd/gu, '');
}

/** Cuts at the end of a sentence, else of a word. */
export function cutAtSentence(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = text.slice(0, most);
  const sentence = Math.max(
    ...['.', '!', '?', '…', '。', '！', '？', '\n'].map((end) => head.lastIndexOf(end)),
  );
  if (sentence > 0) return head.slice(0, sentence + 1).trimEnd();
  const word = head.lastIndexOf(' ');
  return (word > 0 ? head.slice(0, word) : head).replace(/[\uD800-\uDBFF]$/, '').trimEnd();
}

/** Whether a recognised text has no word in it. */
export function isNoise(text: string): boolean {
  return !/[\p{L}\p{N}]/u.test(text);
}
