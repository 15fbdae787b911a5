/** The instructions of an answered call at Asterisk: play one announcement, and hang up after it. */
import { languageTable, speechOffer } from '../../kit/languages';
import { notOffered, type Instruction, type InstructionName } from '../../port/instructions';
import { findLanguage, usualLanguage, type SpeechOffer } from '../../port/speech';

export const can: readonly InstructionName[] = ['say', 'hang_up'];

/** Replaced by the voice in the arguments of the command. */
const voicePlace = '{voice}';

/** Voices of espeak-ng: https://github.com/espeak-ng/espeak-ng/blob/master/docs/languages.md */
const languages = languageTable(['ar'], {
  'en-US': 'en-us',
  'en-GB': 'en-gb',
  'es-ES': 'es',
  'es-MX': 'es-419',
  'es-US': 'es-419',
  'es-419': 'es-419',
  'fr-FR': 'fr-fr',
  'fr-BE': 'fr-be',
  'fr-CH': 'fr-ch',
  'pt-BR': 'pt-br',
  'pt-PT': 'pt',
  'de-DE': 'de',
  'it-IT': 'it',
  'nl-NL': 'nl',
  'da-DK': 'da',
  'sv-SE': 'sv',
  'nb-NO': 'nb',
  'fi-FI': 'fi',
  'is-IS': 'is',
  'pl-PL': 'pl',
  'cs-CZ': 'cs',
  'sk-SK': 'sk',
  'sl-SI': 'sl',
  'hr-HR': 'hr',
  'sr-RS': 'sr',
  'hu-HU': 'hu',
  'ro-RO': 'ro',
  'bg-BG': 'bg',
  'el-GR': 'el',
  'ru-RU': 'ru',
  'lt-LT': 'lt',
  'lv-LV': 'lv',
  'et-EE': 'et',
  'tr-TR': 'tr',
  'ca-ES': 'ca',
  'hi-IN': 'hi',
  'bn-IN': 'bn',
  'gu-IN': 'gu',
  'kn-IN': 'kn',
  'ml-IN': 'ml',
  'mr-IN': 'mr',
  'pa-IN': 'pa',
  'ta-IN': 'ta',
  'te-IN': 'te',
  'id-ID': 'id',
  'ms-MY': 'ms',
  'vi-VN': 'vi',
  'ja-JP': 'ja',
  'ko-KR': 'ko',
  'af-ZA': 'af',
  'cy-GB': 'cy',
  'zh-CN': 'cmn',
  'zh-HK': 'yue',
});

/** A command without `{voice}` speaks one language, which this server does not know. */
export function speech({ ttsCommand }: { ttsCommand: readonly string[] }): SpeechOffer {
  if (ttsCommand.some((word) => word.includes(voicePlace))) return speechOffer(languages);
  return {
    languages: [],
    isVoice: () => false,
    advice: `TTS_COMMAND of this server has no ${voicePlace}, so its program has one language and one voice. Add it: espeak-ng --stdout --stdin -v ${voicePlace}`,
  };
}

/** The text of the announcement; empty if there is none. */
export function announcementOf(instructions: readonly Instruction[]): string {
  return instructions.map(textOf).join(' ').trim();
}

/** The command with the voice of the announcement: the named voice, or else one for its language. */
export function speechCommand(
  command: readonly string[],
  instructions: readonly Instruction[],
): readonly string[] {
  const announced = instructions.find((instruction) => instruction.name === 'say');
  const tag = findLanguage(Object.keys(languages), announced?.language ?? usualLanguage) ?? usualLanguage;
  const voice = announced?.voice ?? languages[tag]?.language ?? '';
  return command.map((word) => word.replaceAll(voicePlace, voice));
}

function textOf(instruction: Instruction): string {
  switch (instruction.name) {
    case 'say':
      return instruction.text;
    case 'hang_up':
      return '';
    case 'play':
    case 'gather':
    case 'go_on':
    case 'connect':
    case 'pause':
    case 'transfer':
    case 'hand_over':
      return notOffered(instruction);
  }
}
