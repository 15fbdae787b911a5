/**
 * The instructions of an answered call at Cloudonix, sent with the dial:
 * https://developers.cloudonix.com/Documentation/voiceApplication/Verb/say, …/Verb/hangup and …/Verb/connect/stream;
 * `<Redirect>`: https://developers.cloudonix.com/Documentation/accountManagement/voiceApplicationsManagement
 */
import { twiml } from '../../dialects/twiml/instructions';
import { speechOffer, spokenAs, type Speaker } from '../../kit/languages';
import { pollyLanguages } from '../../kit/polly';
import type { Instruction } from '../../port/instructions';

/**
 * Amazon Polly is Cloudonix's standard text-to-speech. The table has no voices: Cloudonix chooses one for the language,
 * and the names of voices depend on the domain.
 * Source: https://developers.cloudonix.com/Documentation/dataModels/premiumvoices
 */
const languages = Object.fromEntries(
  Object.entries(pollyLanguages('')).map(([tag, { language }]) => [tag, { language }]),
);

export const speech = () => speechOffer(languages);

const speaker: Speaker = (requested) => spokenAs(languages, requested);

/**
 * CXML is documented as compatible with TwiML, but without a limit for the length of a parameter. The page of
 * `<Stream>` has `<Hangup>` after it, for a stream that the other side closes.
 */
export function cxml(instructions: readonly Instruction[], announcementUrl: string | null): string {
  const isEnded = instructions.at(-1)?.name === 'hang_up';
  return twiml(isEnded ? instructions : [...instructions, { name: 'hang_up' }], {
    speaker,
    announcementUrl,
    gather: { speechTimeout: '1.0', speechEngine: 'google', speechDetection: 'stt' },
  });
}
