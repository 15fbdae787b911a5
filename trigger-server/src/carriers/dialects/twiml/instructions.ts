/**
 * TwiML, the XML in which several vendors take the instructions for an answered call:
 * https://www.twilio.com/docs/voice/twiml and https://developers.cloudonix.com/Documentation/voiceApplication
 */
import type { Speaker } from '../../kit/languages';
import { atMostBytes, atMostEncoded, speechParts } from '../../kit/speech';
import { hintsAttribute } from '../../kit/heard';
import { element, xmlDocument, type XmlElement } from '../../kit/xml';
import type { AnsweredCall } from '../../port/call';
import type { AnswerDocument } from '../../port/callback';
import { notOffered, ofDocuments, type Instruction } from '../../port/instructions';
import { isOfTurn, type CallbackPurpose } from '../../port/purpose';
import { nextStep } from '../../port/voicemail';

/** The instructions that this file writes in TwiML. */
export const can = ofDocuments;

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
   * the announcement. Null in the middle of a conversation, whose end is known without it.
   */
  announcementUrl: string | null;
  /** The vendor's own attributes of `<Gather>`. */
  gather: Record<string, string>;
  /**
   * The maximum length of name and value of a stream's parameter together. A longer one is left out, because it would
   * end the whole call.
   */
  parameterCharacters?: number;
  /** How it talks by relay; absent: it cannot. */
  relay?: (instruction: Extract<Instruction, { name: 'relay' }>) => XmlElement;
}

export function twiml(instructions: readonly Instruction[], options: Options): string {
  const isAnnounced = instructions.some((one) => one.name === 'say' && isAudible(one.text));
  const { announcementUrl } = options;
  const ending = isAnnounced && announcementUrl !== null ? redirectTo(announcementUrl) : hangUp;
  const verbs = instructions.flatMap((instruction) => verbsFor(instruction, ending, options));
  return xmlDocument(element('Response', {}, ...verbs));
}

const hangUp = element('Hangup');

function redirectTo(url: string): XmlElement {
  return element('Redirect', { method: 'POST' }, url);
}

/** Where the vendor requests the next instructions after what was spoken. */
export function nextOf(call: Pick<AnsweredCall, 'callbackUrl'>, purpose: CallbackPurpose): string | null {
  if (isOfTurn(purpose)) return null;
  return call.callbackUrl(purpose === 'message' ? 'message_heard' : 'announcement');
}

/** How long the call is silent before it is decided again whether it goes on. */
const pauseSeconds = 2;

/** The document for the time after what was spoken. */
export function afterSpeech(call: AnsweredCall, purpose: CallbackPurpose): AnswerDocument {
  const goOn = (next: CallbackPurpose) => redirectTo(call.callbackUrl(next));
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

function verbsFor(instruction: Instruction, ending: XmlElement, options: Options): XmlElement[] {
  const { speaker, parameterCharacters = Infinity } = options;
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
    case 'gather':
      return [gather(instruction, ending, options)];
    case 'transfer':
      return [dial(instruction)];
    case 'pause':
      return [element('Pause', { length: String(instruction.seconds) })];
    case 'go_on':
      return [redirectTo(instruction.url)];
    case 'relay':
      return [options.relay?.(instruction) ?? notOffered(instruction)];
    case 'play':
    case 'hand_over':
      return notOffered(instruction);
  }
}

/** https://www.twilio.com/docs/voice/twiml/dial and https://developers.cloudonix.com/Documentation/voiceApplication/Verb/dial */
function dial({ to, from, timeoutSeconds, url }: Extract<Instruction, { name: 'transfer' }>): XmlElement {
  const attributes = {
    action: url,
    method: 'POST',
    timeout: String(timeoutSeconds),
    ...(from === null ? {} : { callerId: from }),
  };
  return element('Dial', attributes, element('Number', {}, to));
}

/** Of the attribute `hints`, above which it is left out. */
const longestHints = 1000;

/**
 * Silence is reported as well. Sources: https://www.twilio.com/docs/voice/twiml/gather and
 * https://developers.cloudonix.com/Documentation/voiceApplication/Verb/gather
 */
function gather(
  { url, silenceSeconds, language, hints, over }: Extract<Instruction, { name: 'gather' }>,
  ending: XmlElement,
  options: Options,
): XmlElement {
  const attributes = {
    input: 'speech',
    action: url,
    method: 'POST',
    language,
    timeout: String(Math.ceil(silenceSeconds)),
    ...options.gather,
    actionOnEmptyResult: 'true',
    ...hintsAttribute(hints, longestHints),
  };
  return element('Gather', attributes, ...over.flatMap((one) => verbsFor(one, ending, options)));
}
