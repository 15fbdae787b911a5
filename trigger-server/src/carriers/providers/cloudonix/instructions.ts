/**
 * What Cloudonix is told to do with an answered call, sent with the dial:
 * https://developers.cloudonix.com/Documentation/voiceApplication/Verb/say, …/Verb/hangup and …/Verb/connect/stream; `<Redirect>`:
 * https://developers.cloudonix.com/Documentation/accountManagement/voiceApplicationsManagement
 */
import { twiml } from '../../dialects/twiml/instructions';
import type { Instruction } from '../../port/instructions';

/**
 * CXML is documented as compatible with TwiML; a limit of a parameter's length is not documented. The page of `<Stream>`
 * shows `<Hangup>` after it, for when the other side closes the stream.
 */
export function cxml(instructions: readonly Instruction[], announcementUrl: string): string {
  const isEnded = instructions.at(-1)?.name === 'hang_up';
  return twiml(isEnded ? instructions : [...instructions, { name: 'hang_up' }], { announcementUrl });
}
