/**
 * The commands of an answered call at Telnyx, one after the other. `client_state` holds the progress: Telnyx returns it
 * with every later webhook of a call, and sends it to the media stream in the `start` message.
 * Source: https://developers.telnyx.com/docs/voice/programmable-voice/media-streaming
 */
import { parseJson, textAt } from '../../kit/dial';
import { speechOffer, spokenAs } from '../../kit/languages';
import { pollyLanguages } from '../../kit/polly';
import { atMostCharacters, speechParts } from '../../kit/speech';
import { notOffered, type Instruction, type InstructionName } from '../../port/instructions';
import type { RequestedSpeech } from '../../port/speech';

export const can: readonly InstructionName[] = ['say', 'relay', 'connect', 'hang_up'];

/** The limit of one `speak` command. */
const longestSpeech = atMostCharacters(3000);

/** Source: https://developers.telnyx.com/api-reference/call-commands/speak-text */
const languages = pollyLanguages('AWS.Polly.');

export const speech = () => speechOffer(languages);

export type Command = { speak: Speak } | { relay: Record<string, string | boolean> } | 'hang_up';

export interface Speak {
  payload: string;
  voice: string;
  language?: string;
}

/**
 * A text is spoken in parts. A stream needs no command, because it is part of the dial.
 * @param accountVoice the voice for a text without a language and a voice.
 */
export function commandsFor(instruction: Instruction, accountVoice: string): Command[] {
  switch (instruction.name) {
    case 'say':
      return speechParts(instruction.text.toWellFormed(), longestSpeech).map((payload) => ({
        speak: speak(payload, instruction, accountVoice),
      }));
    case 'relay':
      return [{ relay: relay(instruction, accountVoice) }];
    case 'hang_up':
      return ['hang_up'];
    case 'connect':
      return [];
    case 'play':
    case 'gather':
    case 'go_on':
    case 'pause':
    case 'transfer':
    case 'hand_over':
      return notOffered(instruction);
  }
}

/** What is said where a relay breaks off: it fits into one command. */
export function closingOf(instruction: Instruction, accountVoice: string): Speak | null {
  if (instruction.name !== 'relay' || instruction.closing === null) return null;
  return speak(instruction.closing.text.toWellFormed(), instruction.closing, accountVoice);
}

function speak(payload: string, requested: RequestedSpeech, accountVoice: string): Speak {
  return { payload, voice: accountVoice, ...spokenIn(requested) };
}

/**
 * The fields of `conversation_relay_start`. The greeting is none of them: it is sent like everything else that is said.
 * Source: https://developers.telnyx.com/docs/voice/conversation-relay
 */
function relay(
  { url, listenTo, ...requested }: Extract<Instruction, { name: 'relay' }>,
  accountVoice: string,
): Record<string, string | boolean> {
  const { voice = accountVoice } = spokenIn(requested);
  return { url, language: listenTo, voice, interruptible: 'any', dtmf_detection: true };
}

function spokenIn(requested: RequestedSpeech): { voice?: string; language?: string } {
  return requested.language === null && requested.voice === null ? {} : spokenAs(languages, requested);
}

/** Telnyx documents no limit, but every webhook contains the state. */
const longestState = 4000;

/** A part of what is spoken: of the announcement, or of the message for a machine. */
export interface SpokenPart {
  text: 'announcement' | 'message';
  part: number;
  isLast: boolean;
}

/** The state while a part is spoken. */
export function speechState({ text, part, isLast }: SpokenPart): string {
  return encode(`${text}:${String(part)}${isLast ? ':last' : ''}`);
}

const speechWords = /^(announcement|message):(\d{1,3})(:last)?$/;

/** The part that a webhook is about; null when it is about none. */
export function spokenPart(state: string | undefined): SpokenPart | null {
  const [, text, part, last] = speechWords.exec(Buffer.from(state ?? '', 'base64').toString('utf8')) ?? [];
  if (part === undefined) return null;
  return { text: text === 'message' ? text : 'announcement', part: Number(part), isLast: last !== undefined };
}

/**
 * The state of a call from its dial on: base64 of a JSON object.
 * @param mark identifies the dial. @param parameters of its stream; those that do not fit are left out.
 */
export function dialState(mark: string, parameters: Record<string, string>): string {
  const kept: Record<string, string> = { dial: mark };
  for (const [name, value] of Object.entries(parameters)) {
    if (stateOf({ ...kept, [name]: value }).length <= longestState) kept[name] = value;
  }
  return stateOf(kept);
}

/** Whether a call has the state of this dial. */
export function isOfDial(state: string | undefined, mark: string): boolean {
  return textAt(parseJson(Buffer.from(state ?? '', 'base64').toString('utf8')), 'dial') === mark;
}

function stateOf(parameters: Record<string, string>): string {
  return encode(JSON.stringify(parameters));
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The state while it is said that a conversation cannot go on. */
export const closingState = encode('closing');
