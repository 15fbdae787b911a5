/**
 * What Cloudonix is told to do with an answered call, sent with the dial:
 * https://developers.cloudonix.com/Documentation/voiceApplication/Verb/say, …/Verb/hangup and …/Verb/connect/stream
 */
import { answerVerbs, hangUp, twimlDocument } from '../../dialects/twiml/answer';
import type { Answer } from '../../port/call';

/**
 * CXML is documented as compatible with TwiML; a limit of a parameter's length is not documented. The page of `<Stream>`
 * shows `<Hangup>` after it, for when the other side closes the stream.
 */
export function cxml(answer: Answer): string {
  return twimlDocument([...answerVerbs(answer), hangUp]);
}
