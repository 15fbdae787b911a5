/** A carrier's words for languages, and its voices for them. */
import { findLanguage, usualLanguage, type RequestedSpeech, type SpeechOffer } from '../port/speech';

export interface SpokenAs {
  /** The carrier's word for the language. */
  language: string;
  /** A voice for the language. If absent, the carrier chooses one. */
  voice?: string;
}

/** By BCP 47 tag. */
export type LanguageTable = Readonly<Record<string, SpokenAs>>;

/** Translates language and voice into a carrier's words. */
export type Speaker = (speech: RequestedSpeech) => Partial<SpokenAs>;

/**
 * @param tags languages for which the carrier's word is the tag.
 * @param others the words of the other languages, by tag.
 */
export function languageTable(
  tags: readonly string[],
  others: Readonly<Record<string, string>> = {},
): LanguageTable {
  const words = [...tags.map((tag) => [tag, tag] as const), ...Object.entries(others)];
  return Object.fromEntries(words.map(([tag, language]) => [tag, { language }]));
}

/** The same languages, each with a voice. @param voiceOf the voice, by the carrier's word. */
export function withVoices(table: LanguageTable, voiceOf: (language: string) => string): LanguageTable {
  return Object.fromEntries(
    Object.entries(table).map(([tag, { language }]) => [tag, { language, voice: voiceOf(language) }]),
  );
}

/**
 * The attributes of a spoken text. A named voice is sent unchanged. A voice implies its language, so a voice without a
 * language is sent without one.
 */
export function spokenAs(table: LanguageTable, { language, voice }: RequestedSpeech): Partial<SpokenAs> {
  if (voice !== null && language === null) return { voice };
  const tag = language ?? usualLanguage;
  const words = table[findLanguage(Object.keys(table), tag) ?? ''] ?? { language: tag };
  return voice === null ? words : { ...words, voice };
}

/** The offer of a carrier with these languages that accepts any name of a voice. */
export function speechOffer(table: LanguageTable): SpeechOffer {
  return { languages: Object.keys(table), isVoice: () => true };
}
