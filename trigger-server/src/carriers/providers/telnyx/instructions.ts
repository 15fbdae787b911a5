/**
 * What Telnyx is told to do with an answered call, one command after the other; how far it has come stands in
 * `client_state`: what Telnyx hands back with every later webhook of a call, and to the media stream in its `start`
 * message. Source: https://developers.telnyx.com/docs/voice/programmable-voice/media-streaming
 */
import { speechOffer, spokenAs } from '../../kit/languages';
import { pollyLanguages } from '../../kit/polly';
import { atMostCharacters, speechParts } from '../../kit/speech';
import { notOffered, type Instruction, type InstructionName } from '../../port/instructions';
import type { RequestedSpeech } from '../../port/speech';

export const can: readonly InstructionName[] = ['say', 'connect', 'hang_up'];

/** The limit of one `speak` command. */
const longestSpeech = atMostCharacters(3000);

/** Source: https://developers.telnyx.com/api-reference/call-commands/speak-text */
const languages = pollyLanguages('AWS.Polly.');

export const speech = () => speechOffer(languages);

export type Command = { speak: { payload: string; voice: string; language?: string } } | 'hang_up';

/**
 * A text is spoken in parts. A stream needs no command: it is part of the dial.
 * @param accountVoice the voice where neither a language nor a voice is named.
 */
export function commandsFor(instruction: Instruction, accountVoice: string): Command[] {
  switch (instruction.name) {
    case 'say':
      return speechParts(instruction.text.toWellFormed(), longestSpeech).map((payload) => ({
        speak: { payload, voice: accountVoice, ...spokenIn(instruction) },
      }));
    case 'hang_up':
      return ['hang_up'];
    case 'connect':
      return [];
    case 'play':
    case 'gather':
    case 'pause':
      return notOffered(instruction);
  }
}

function spokenIn(requested: RequestedSpeech): { voice?: string; language?: string } {
  return requested.language === null && requested.voice === null ? {} : spokenAs(languages, requested);
}

/** Telnyx documents no limit, but it travels with every webhook. */
const longestState = 4000;

const announcement = /^announcement:(\d{1,3})$/;

/** While a part of the announcement is spoken. */
export function announcementState(part: number): string {
  return encode(`announcement:${String(part)}`);
}

/** Which part of the announcement a webhook is about; null when it is about none. */
export function announcedPart(state: string | undefined): number | null {
  const part = announcement.exec(Buffer.from(state ?? '', 'base64').toString('utf8'))?.[1];
  return part === undefined ? null : Number(part);
}

/** Base64 of a JSON object. Parameters that do not fit are left out. */
export function streamState(parameters: Record<string, string>): string {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (stateOf({ ...kept, [name]: value }).length <= longestState) kept[name] = value;
  }
  return stateOf(kept);
}

function stateOf(parameters: Record<string, string>): string {
  return encode(JSON.stringify(parameters));
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
