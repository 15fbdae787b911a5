/** The instructions of an answered call at Asterisk: one sound is played for all that is said at once. */
import { languageTable, speechOffer } from '../../kit/languages';
import {
  notOffered,
  type Instruction,
  type InstructionName,
  type SayInstruction,
} from '../../port/instructions';
import { findLanguage, usualLanguage, type SpeechOffer } from '../../port/speech';

export const can: readonly InstructionName[] = ['say', 'gather', 'pause', 'go_on', 'transfer', 'hang_up'];

/** Asterisk recognizes no speech. */
export function whyNoTalk({ sttCommand }: { sttCommand: readonly string[] }): string | null {
  if (sttCommand.length > 0) return null;
  return 'This server cannot hear what callees say through Asterisk. Start it with STT_COMMAND, a program that turns speech into text.';
}

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

/** The text of all that is said; empty if nothing is. */
export function announcementOf(instructions: readonly Instruction[]): string {
  return instructions
    .flatMap(saidIn)
    .map(({ text }) => text)
    .join(' ')
    .trim();
}

/** The command with the voice of what is said: the named voice, or else one for its language. */
export function speechCommand(
  command: readonly string[],
  instructions: readonly Instruction[],
): readonly string[] {
  const [said] = instructions.flatMap(saidIn);
  const tag = findLanguage(Object.keys(languages), said?.language ?? usualLanguage) ?? usualLanguage;
  const voice = said?.voice ?? languages[tag]?.language ?? '';
  return command.map((word) => word.replaceAll(voicePlace, voice));
}

function saidIn(instruction: Instruction): readonly SayInstruction[] {
  switch (instruction.name) {
    case 'say':
      return [instruction];
    case 'gather':
      return instruction.over;
    case 'go_on':
    case 'pause':
    case 'transfer':
    case 'hang_up':
      return [];
    case 'play':
    case 'connect':
    case 'relay':
    case 'hand_over':
      return notOffered(instruction);
  }
}
