/**
 * The instructions of an answered call in this dialect (see `calls.ts`): XML of `Record`, `Speak`, `Stream`,
 * `Wait`, `Redirect` and `Hangup`.
 */
import type { AnsweredCall } from '../../port/call';
import type { AnswerDocument, CallbackRequest } from '../../port/callback';
import { callbackFields } from './reports';
import { withoutPlus } from '../../kit/e164';
import type { Speaker } from '../../kit/languages';
import { atMostCharacters, speechParts } from '../../kit/speech';
import { hintsAttribute } from '../../kit/heard';
import { element, xmlDocument, type XmlElement } from '../../kit/xml';
import { isOnlyHungUp, isSpoken, notOffered, ofDocuments, type Instruction } from '../../port/instructions';
import { isOfTurn, type CallbackPurpose } from '../../port/purpose';
import { nextStep } from '../../port/voicemail';

/** The instructions that this file writes in XML. */
export const can = ofDocuments;

/** The limit of one `<Speak>`. Sources: `com.plivo.api.xml.Speak`, and `speak_text` of Vobiz's MCP server. */
const longestSpeak = atMostCharacters(3000);

/** The answer document, or that of the message for a machine, at most 100 KB. */
export function answerDocument(call: AnsweredCall, purpose: CallbackPurpose, voice: Voice): AnswerDocument {
  const elements = elementsFor(call, voice, nextOf(call, purpose));
  // The recording that the first document begins goes on.
  const isFirst = !isOfTurn(purpose);
  return documentOf(
    isFirst && call.record && !isOnlyHungUp(call.instructions) ? [recording(call), ...elements] : elements,
  );
}

/** How a carrier speaks, and the element with which it listens. */
export interface Voice {
  speaker: Speaker;
  gather: 'GetInput' | 'Gather';
}

/** Where the carrier requests the next instructions after what is spoken; null: the call ends then. */
function nextOf(call: AnsweredCall, purpose: CallbackPurpose): string | null {
  if (isOfTurn(purpose)) return null;
  if (call.voicemail?.action !== 'leave_message' || !isSpoken(call.instructions)) return null;
  return call.callbackUrl(purpose === 'message' ? 'message_heard' : 'announcement');
}

/** How long the call is silent before it is decided again whether it goes on. */
const pauseSeconds = 2;

/**
 * Waits for the end of a machine's greeting: for two seconds of silence, or a minute at most.
 * Sources: https://docs.plivo.com/docs/voice/xml/wait and https://docs.vobiz.ai/xml/wait
 */
const untilSilence = element('Wait', { length: '60', silence: 'true', minSilence: '2000' });

/** The document for the time after what was spoken. */
export function afterSpeech(call: AnsweredCall, purpose: CallbackPurpose): AnswerDocument {
  const goOn = (wait: XmlElement, next: CallbackPurpose) =>
    documentOf([wait, redirectTo(call.callbackUrl(next))]);
  switch (nextStep(call, purpose)) {
    case 'message':
      return goOn(untilSilence, 'message');
    case 'wait':
      return goOn(element('Wait', { length: String(pauseSeconds) }), 'announcement');
    case 'hang_up':
      return documentOf([element('Hangup')]);
  }
}

/**
 * The answer document, but without instructions for an event that arrived at the answer URL. For requests that the
 * carrier signs.
 */
export function answerUnlessEvent(
  call: AnsweredCall,
  request: CallbackRequest,
  voice: Voice,
): AnswerDocument {
  const event = callbackFields(request).Event?.toLowerCase();
  const isEvent = event === 'hangup' || event === 'ring';
  return isEvent ? documentOf([]) : answerDocument(call, request.purpose, voice);
}

function documentOf(elements: XmlElement[]): AnswerDocument {
  return { contentType: 'application/xml', body: xmlDocument(element('Response', {}, ...elements)) };
}

function elementsFor({ instructions }: AnsweredCall, voice: Voice, next: string | null): XmlElement[] {
  const ending = next === null ? element('Hangup') : redirectTo(next);
  return instructions.flatMap((instruction) => elementsOf(instruction, voice, ending));
}

function redirectTo(url: string): XmlElement {
  return element('Redirect', { method: 'POST' }, url);
}

/**
 * Records beside the next elements, until the call ends. Carriers report its address to either of the two URLs, some of
 * them at its start.
 */
function recording(call: AnsweredCall): XmlElement {
  return element('Record', {
    recordSession: 'true',
    redirect: 'false',
    maxLength: String(call.maxCallDurationSeconds),
    fileFormat: 'wav',
    action: call.callbackUrl('recording'),
    method: 'POST',
    callbackUrl: call.callbackUrl('recording'),
    callbackMethod: 'POST',
  });
}

function elementsOf(instruction: Instruction, voice: Voice, ending: XmlElement): XmlElement[] {
  switch (instruction.name) {
    case 'say':
      return speechParts(instruction.text.toWellFormed(), longestSpeak).map((part) =>
        element('Speak', { ...voice.speaker(instruction) }, part),
      );
    case 'connect': {
      const extraHeaders = streamHeaders(instruction.parameters);
      const attributes = {
        bidirectional: 'true',
        keepCallAlive: 'true',
        contentType: 'audio/x-mulaw;rate=8000',
        ...(extraHeaders === '' ? {} : { extraHeaders }),
      };
      return [element('Stream', attributes, instruction.url)];
    }
    case 'hang_up':
      return [ending];
    case 'gather':
      // Without words, the next element follows.
      return [gather(instruction, voice, ending), redirectTo(instruction.url)];
    case 'transfer':
      return [dial(instruction)];
    case 'pause':
      return [element('Wait', { length: String(instruction.seconds) })];
    case 'go_on':
      return [redirectTo(instruction.url)];
    case 'play':
    case 'relay':
    case 'hand_over':
      return notOffered(instruction);
  }
}

/** https://www.plivo.com/docs/voice/xml/dial and https://docs.vobiz.ai/xml/dial. Numbers have no plus. */
function dial({ to, from, timeoutSeconds, url }: Extract<Instruction, { name: 'transfer' }>): XmlElement {
  const attributes = {
    action: url,
    method: 'POST',
    timeout: String(timeoutSeconds),
    ...(from === null ? {} : { callerId: withoutPlus(from) }),
  };
  return element('Dial', attributes, element('Number', {}, withoutPlus(to)));
}

/** In seconds: https://www.plivo.com/docs/voice/xml/getinput and https://docs.vobiz.ai/xml/gather */
const shortestSilence = 5;
const longestSilence = 60;
/** Characters of the attribute `hints`, above which it is left out. */
const longestHints = 10_000;

function gather(
  { url, silenceSeconds, language, hints, over }: Extract<Instruction, { name: 'gather' }>,
  voice: Voice,
  ending: XmlElement,
): XmlElement {
  const attributes = {
    action: url,
    method: 'POST',
    inputType: 'speech',
    language,
    executionTimeout: String(Math.min(longestSilence, Math.max(shortestSilence, Math.ceil(silenceSeconds)))),
    speechEndTimeout: '2',
    speechModel: 'phone_call',
    ...hintsAttribute(hints, longestHints),
  };
  return element(voice.gather, attributes, ...over.flatMap((one) => elementsOf(one, voice, ending)));
}

const maxStreamHeadersBytes = 512;

/**
 * `name=value,name=value` of letters and digits, at most 512 bytes: these carriers forward no more. Names lose their
 * underscores (`run_id` becomes `runId`), and UUIDs lose their hyphens. A value that still does not fit is left out.
 */
function streamHeaders(parameters: Record<string, string>): string {
  let headers = '';
  for (const [name, value] of Object.entries(parameters)) {
    const plainName = name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
    const plainValue = /^[0-9a-f-]{36}$/i.test(value) ? value.replaceAll('-', '') : value;
    if (!/^[A-Za-z0-9]+$/.test(plainName) || !/^[A-Za-z0-9]+$/.test(plainValue)) continue;
    const next = `${headers === '' ? '' : `${headers},`}${plainName}=${plainValue}`;
    if (next.length <= maxStreamHeadersBytes) headers = next;
  }
  return headers;
}
