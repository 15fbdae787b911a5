/**
 * Twilio's languages, and voices for them: https://www.twilio.com/docs/voice/twiml/say/text-speech
 *
 * American English has no voice in the table, because the account's default voice costs nothing extra.
 */
import { hintsAttribute } from '../../kit/heard';
import { languageTable, speechOffer, spokenAs, withVoices, type Speaker } from '../../kit/languages';
import { pollyLanguages } from '../../kit/polly';
import { element, type XmlElement } from '../../kit/xml';
import type { Instruction } from '../../port/instructions';

/** Languages without a standard voice of Amazon Polly. */
const google = languageTable(
  [
    ...['af-ZA', 'am-ET', 'bg-BG', 'bn-IN', 'ca-ES', 'cs-CZ', 'el-GR', 'fi-FI', 'fil-PH', 'gu-IN'],
    ...['he-IL', 'hu-HU', 'id-ID', 'kn-IN', 'lv-LV', 'ml-IN', 'mr-IN', 'ms-MY', 'nl-BE', 'pa-IN'],
    ...['sk-SK', 'sr-RS', 'ta-IN', 'te-IN', 'th-TH', 'uk-UA', 'vi-VN'],
  ],
  { 'zh-TW': 'cmn-TW', 'zh-HK': 'yue-HK' },
);

const languages = {
  ...pollyLanguages('Polly.'),
  ...withVoices(google, (language) => `Google.${language}-Standard-A`),
  ...languageTable(['en-US']),
};

export const speech = () => speechOffer(languages);

export const speaker: Speaker = (requested) => spokenAs(languages, requested);

/** Of the attribute `hints`, above which it is left out. */
const longestHints = 1000;

/**
 * Source: https://www.twilio.com/docs/voice/twiml/connect/conversationrelay
 *
 * The greeting is no attribute: it is sent like everything else that is said, so that what was said is stored once.
 */
export function relayVerb({
  url,
  endUrl,
  listenTo,
  hints,
  ...speech
}: Extract<Instruction, { name: 'relay' }>): XmlElement {
  const attributes = {
    url,
    language: listenTo,
    ...voiceAttributes(speaker(speech).voice),
    interruptible: 'any',
    reportInputDuringAgentSpeech: 'none',
    dtmfDetection: 'true',
    ...hintsAttribute(hints, longestHints),
  };
  return element('Connect', { action: endUrl, method: 'POST' }, element('ConversationRelay', attributes));
}

/** `<Say>` has the provider of a voice in its name: `Polly.Joanna`, `Google.en-US-Standard-A`. */
function voiceAttributes(voice: string | undefined): { ttsProvider?: string; voice?: string } {
  const [, name, own] = /^(Polly|Google)\.(.+)$/.exec(voice ?? '') ?? [];
  if (own !== undefined) return { ttsProvider: name === 'Polly' ? 'Amazon' : 'Google', voice: own };
  return voice === undefined ? {} : { voice };
}
