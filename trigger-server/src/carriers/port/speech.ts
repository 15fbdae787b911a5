/** Languages and voices of a provider's text-to-speech. */

/** The language and voice that the call or its agent names. Null: not named, so the provider chooses. */
export interface RequestedSpeech {
  /** A BCP 47 tag, in any case: `es-MX`, or `es` alone. */
  language: string | null;
  /** The carrier's name of a voice. */
  voice: string | null;
}

/** The language of a call without a language and a voice. It is always sent, because a carrier's default may change. */
export const usualLanguage = 'en-US';

/** What a provider can speak. A call with another language or voice is refused with 501 before a run exists. */
export interface SpeechOffer {
  /** BCP 47 tags. A language alone, `es`, means the first tag of that language. */
  languages: readonly string[] | 'any';
  /** Whether a name that has the form of `voiceName` can be a voice of this carrier. */
  isVoice: (name: string) => boolean;
  /** A sentence for refusals: which voices there are, or what to configure. */
  advice?: string;
}

/**
 * Finds a language in a list of tags; case does not matter. A language alone finds the first tag of that language, and a
 * region never finds another region.
 */
export function findLanguage(tags: readonly string[], language: string): string | undefined {
  const wanted = language.toLowerCase();
  const exact = tags.find((tag) => tag.toLowerCase() === wanted);
  return exact ?? tags.find((tag) => tag.toLowerCase().startsWith(`${wanted}-`));
}
