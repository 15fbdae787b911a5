/**
 * The words of a reply that is still coming from the model, as a voice can say them. They are said word by word, and
 * what has been said is always the beginning of what the whole reply says.
 */
import { speakable } from './words';

/** Of a reply. What comes after it is said with the whole reply: cleaning the text again for each piece has a price. */
const mostCharacters = 4000;

export class StreamedSpeech {
  /** What has been said by now. */
  said = '';
  private text = '';

  /** @param most characters that are said. @param say called with each piece, in order. */
  constructor(
    private readonly most: number,
    private readonly say: (piece: string) => void,
  ) {}

  /** @param piece as it came from the model. */
  take(piece: string): void {
    if (this.text.length > mostCharacters) return;
    this.text += piece;
    const words = speakable(wholeWords(this.text));
    const next = words.slice(this.said.length);
    if (next === '' || words.length > this.most || !words.startsWith(this.said)) return;
    this.said = words;
    this.say(next);
  }
}

/** Without the last word, which may go on, and without a link that may have been begun. */
function wholeWords(text: string): string {
  const end = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\n'));
  const words = text.slice(0, Math.max(end, 0));
  const link = openLink(words);
  return link === -1 ? words : words.slice(0, link);
}

/** Where a bracket stands that may begin a link whose end has not come; -1: nowhere. */
function openLink(text: string): number {
  const at = text.lastIndexOf('[');
  if (at === -1) return -1;
  const close = text.indexOf(']', at);
  if (close === -1) return at;
  if (text[close + 1] !== '(') return close === text.length - 1 ? at : -1;
  return text.indexOf(')', close) === -1 ? at : -1;
}
