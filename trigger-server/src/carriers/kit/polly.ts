/**
 * Amazon Polly, which several carriers use. Each language has one of its standard voices, which are the cheapest.
 * Source: https://docs.aws.amazon.com/polly/latest/dg/available-voices.html
 */
import type { LanguageTable } from './languages';

/** Polly's codes that differ from BCP 47. */
const codes: Readonly<Record<string, string>> = { ar: 'arb', 'zh-CN': 'cmn-CN' };

const voices: Readonly<Record<string, string>> = {
  'en-US': 'Joanna',
  'en-GB': 'Amy',
  'en-AU': 'Nicole',
  'en-IN': 'Raveena',
  'es-ES': 'Conchita',
  'es-MX': 'Mia',
  'es-US': 'Penelope',
  'fr-FR': 'Celine',
  'fr-CA': 'Chantal',
  'pt-BR': 'Vitoria',
  'pt-PT': 'Ines',
  'de-DE': 'Marlene',
  'it-IT': 'Carla',
  'nl-NL': 'Lotte',
  'da-DK': 'Naja',
  'sv-SE': 'Astrid',
  'nb-NO': 'Liv',
  'is-IS': 'Dora',
  'pl-PL': 'Ewa',
  'ro-RO': 'Carmen',
  'ru-RU': 'Tatyana',
  'tr-TR': 'Filiz',
  'cy-GB': 'Gwyneth',
  'hi-IN': 'Aditi',
  'ja-JP': 'Mizuki',
  'ko-KR': 'Seoyeon',
  'zh-CN': 'Zhiyu',
  ar: 'Zeina',
};

/** @param prefix the carrier's prefix of a Polly voice, e.g. `Polly.` */
export function pollyLanguages(prefix: string): LanguageTable {
  return Object.fromEntries(
    Object.entries(voices).map(([tag, voice]) => [
      tag,
      { language: codes[tag] ?? tag, voice: `${prefix}${voice}` },
    ]),
  );
}
