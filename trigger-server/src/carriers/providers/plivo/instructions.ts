/**
 * Plivo's languages, and voices for them: https://docs.plivo.com/docs/voice/concepts/ssml. Its SDK for Ruby lists the
 * Amazon Polly voices that it accepts (`Plivo::XML::Speak::SUPPORTED_VOICES`).
 *
 * American English has no voice in the table, because Plivo's default voice costs nothing extra.
 */
import type { Voice } from '../../dialects/plivo-xml/instructions';
import { languageTable, speechOffer, spokenAs, type Speaker } from '../../kit/languages';
import { pollyLanguages } from '../../kit/polly';

const languages = { ...pollyLanguages('Polly.'), ...languageTable(['en-US']) };

/** Plivo's SDKs refuse any other name. */
const voiceNames = /^(?:WOMAN|MAN|Polly\.[A-Za-z0-9-]+)$/;

export const speech = () => ({
  ...speechOffer(languages),
  isVoice: (name: string) => voiceNames.test(name),
  advice: 'Its voices are WOMAN, MAN, and those of Amazon Polly, such as Polly.Mia.',
});

const speaker: Speaker = (requested) => spokenAs(languages, requested);

export const voice: Voice = { speaker, gather: 'GetInput' };
