/** API keys as people paste them. */
import { TriggerError } from '../errors';

/**
 * The key without the blanks around it. Checked here, because HTTP libraries answer a header that they cannot send
 * with an error that shows the whole of it.
 *
 * @throws TriggerError `invalid_key` for a character that no key has, such as a dash that a document made longer.
 */
export function cleanApiKey(text: string): string {
  const key = text.trim();
  if (/^[\x21-\x7e]*$/.test(key)) return key;
  throw new TriggerError({
    code: 'invalid_key',
    message:
      'The API key has a character that no key has, such as a space or a typographic dash or quotation mark. Copy it again from where it was created.',
  });
}
