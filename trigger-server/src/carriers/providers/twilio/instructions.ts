/**
 * Twilio's languages, and voices for them: https://www.twilio.com/docs/voice/twiml/say/text-speech
 *
 * American English has no voice in the table, because the account's default voice costs nothing extra.
 */
import { languageTable, speechOffer, spokenAs, withVoices, type Speaker } from '../../kit/languages';
import { pollyLanguages } from '../../kit/polly';

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
