/** Cleans pasted API keys. */
import { TriggerError } from '../errors';

/**
 * The key without surrounding blanks. It is checked here, because HTTP libraries quote an invalid header in full in
 * their errors.
 *
 * @throws TriggerError `invalid_key` for a character that no key has, such as a typographic dash.
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
