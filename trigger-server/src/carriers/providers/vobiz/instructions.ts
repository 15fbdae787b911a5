/**
 * Vobiz's languages: https://docs.vobiz.ai/xml/speak. Its voices are WOMAN and MAN. If a language has only one of them,
 * Vobiz uses that one.
 */
import type { Voice } from '../../dialects/plivo-xml/instructions';
import { languageTable, speechOffer, spokenAs, type Speaker } from '../../kit/languages';
import { usualLanguage } from '../../port/speech';

const languages = languageTable([
  ...['en-US', 'en-GB', 'en-AU', 'en-IN', 'hi-IN', 'es-ES', 'es-US', 'fr-FR', 'fr-CA', 'pt-BR', 'pt-PT'],
  ...['de-DE', 'it-IT', 'nl-NL', 'da-DK', 'sv-SE', 'pl-PL', 'ru-RU'],
]);

export const speech = () => ({
  ...speechOffer(languages),
  isVoice: (name: string) => name === 'WOMAN' || name === 'MAN',
  advice: 'Its voices are WOMAN and MAN.',
});

/** A voice has no language of its own. */
const speaker: Speaker = ({ language, voice }) =>
  spokenAs(languages, { language: language ?? usualLanguage, voice });

export const voice: Voice = { speaker, gather: 'Gather' };
