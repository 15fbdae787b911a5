/**
 * TwiML, the XML in which several vendors take the instructions for an answered call:
 * https://www.twilio.com/docs/voice/twiml and https://developers.cloudonix.com/Documentation/voiceApplication
 */
import type { Speaker } from '../../kit/languages';
import { atMostBytes, atMostEncoded, speechParts } from '../../kit/speech';
import { element, xmlDocument, type XmlElement } from '../../kit/xml';
import type { AnsweredCall } from '../../port/call';
import type { AnswerDocument } from '../../port/callback';
import { notOffered, type Instruction, type InstructionName } from '../../port/instructions';
import type { CallbackPurpose } from '../../port/purpose';
import { nextStep } from '../../port/voicemail';

/** The instructions that this file writes in TwiML. */
export const can: readonly InstructionName[] = ['say', 'connect', 'hang_up'];

/**
 * Limits of one `<Say>`, above which nothing is spoken: the smallest limit of all kinds of voices (Amazon Polly's), and
 * the limit of the URL-encoded text. Source: https://www.twilio.com/docs/api/errors/13521
 */
const sayLimits = [atMostBytes(3000), atMostEncoded(4500)];

interface Options {
  speaker: Speaker;
  /**
   * The report URL of purpose `announcement`, or of `message_heard` for a message. These vendors do not report who hung up. So after an announcement they
   * request the next instruction there, which is to hang up. Without this request, the callee hung up before the end of
   * the announcement.
   */
  announcementUrl: string;
  /**
   * The maximum length of name and value of a stream's parameter together. A longer one is left out, because it would
   * end the whole call.
   */
  parameterCharacters?: number;
}

export function twiml(instructions: readonly Instruction[], options: Options): string {
  const isAnnounced = instructions.some((one) => one.name === 'say' && isAudible(one.text));
  const ending = isAnnounced ? element('Redirect', { method: 'POST' }, options.announcementUrl) : hangUp;
  const verbs = instructions.flatMap((instruction) => verbsFor(instruction, ending, options));
  return xmlDocument(element('Response', {}, ...verbs));
}

const hangUp = element('Hangup');

/** How long the call is silent before it is decided again whether it goes on. */
const pauseSeconds = 2;

/** The document for the time after what was spoken. */
export function afterSpeech(call: AnsweredCall, purpose: CallbackPurpose): AnswerDocument {
  const goOn = (next: CallbackPurpose) => element('Redirect', { method: 'POST' }, call.callbackUrl(next));
  const verbs = {
    message: () => [goOn('message')],
    wait: () => [element('Pause', { length: String(pauseSeconds) }), goOn('announcement')],
    hang_up: () => [hangUp],
  }[nextStep(call, purpose)]();
  return { contentType: 'text/xml', body: xmlDocument(element('Response', {}, ...verbs)) };
}

function isAudible(text: string): boolean {
  return text.trim() !== '';
}

function verbsFor(
  instruction: Instruction,
  ending: XmlElement,
  { speaker, parameterCharacters = Infinity }: Options,
): XmlElement[] {
  switch (instruction.name) {
    case 'say':
      return speechParts(instruction.text.toWellFormed(), ...sayLimits).map((part) =>
        element('Say', { ...speaker(instruction) }, part),
      );
    case 'connect': {
      const parameters = Object.entries(instruction.parameters)
        .filter(([name, value]) => name.length + value.length < parameterCharacters)
        .map(([name, value]) => element('Parameter', { name, value }));
      return [element('Connect', {}, element('Stream', { url: instruction.url }, ...parameters))];
    }
    case 'hang_up':
      return [ending];
    case 'play':
    case 'gather':
    case 'pause':
    case 'hand_over':
      return notOffered(instruction);
  }
}
