/** The language and the voice of a call. */
import * as z from 'zod';

/** A BCP 47 tag of a language, with or without script and region. Case does not matter. */
export const languageTag = z
  .string()
  .regex(
    /^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?$/i,
    'A language is a BCP 47 tag such as en-US or es-MX',
  );

/** A carrier's name of a voice. As an argument of a program it cannot be mistaken for an option or a path. */
export const voiceName = z
  .string()
  .max(120)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:+-]*$/,
    'A voice is a name such as Polly.Mia: letters and digits, and . _ : + - after the first character',
  );
