/**
 * The instructions of an answered call at Vonage: an NCCO, which is a list of actions.
 * Source: https://developer.vonage.com/en/voice/voice-api/ncco-reference
 */
import { withoutPlus } from '../../kit/e164';
import { languageTable, speechOffer, spokenAs } from '../../kit/languages';
import { atMostCharacters, speechParts } from '../../kit/speech';
import type { AnsweredCall } from '../../port/call';
import {
  isOnlyHungUp,
  isSpoken,
  notOffered,
  ofDocuments,
  type Instruction,
  type SayInstruction,
} from '../../port/instructions';
import { isOfTurn, type CallbackPurpose } from '../../port/purpose';
import { usualLanguage, type RequestedSpeech } from '../../port/speech';
import { nextStep } from '../../port/voicemail';

export const can = ofDocuments;

/** The limit of one `talk` action. */
const longestTalk = atMostCharacters(1500);

/** Source: https://developer.vonage.com/en/voice/voice-api/guides/text-to-speech#supported-languages */
const languages = languageTable(
  [
    ...['en-US', 'en-GB', 'en-AU', 'en-IE', 'en-IN', 'en-NZ', 'en-ZA', 'es-ES', 'es-MX', 'es-US', 'es-CO'],
    ...['fr-FR', 'fr-CA', 'pt-BR', 'pt-PT', 'de-DE', 'de-AT', 'it-IT', 'nl-NL', 'nl-BE', 'da-DK', 'sv-SE'],
    ...['nb-NO', 'fi-FI', 'is-IS', 'pl-PL', 'cs-CZ', 'sk-SK', 'hu-HU', 'ro-RO', 'bg-BG', 'el-GR', 'ru-RU'],
    ...['uk-UA', 'sr-RS', 'lv-LV', 'tr-TR', 'cy-GB', 'ca-ES', 'eu-ES', 'gl-ES', 'he-IL', 'af-ZA', 'hi-IN'],
    ...['bn-IN', 'gu-IN', 'kn-IN', 'ml-IN', 'pa-IN', 'ta-IN', 'te-IN', 'fil-PH', 'id-ID', 'ms-MY', 'th-TH'],
    ...['vi-VN', 'ja-JP', 'ko-KR', 'ar'],
  ],
  { 'zh-CN': 'cmn-CN', 'zh-TW': 'cmn-TW', 'zh-HK': 'yue-CN' },
);

/** The voices of a language are numbers, called styles. */
export const speech = () => ({
  ...speechOffer(languages),
  isVoice: (name: string) => /^\d{1,2}$/.test(name),
  advice: 'Its voices are numbers of a style, such as 0 or 6.',
});

function spokenIn({ language, voice }: RequestedSpeech): { language?: string; style?: number } {
  const words = spokenAs(languages, { language: language ?? usualLanguage, voice: null });
  return voice === null ? words : { ...words, style: Number(voice) };
}

/** All headers of a WebSocket together may have 512 bytes, and a context can be longer. */
const streamHeaders: readonly string[] = ['run_id', 'agent_uuid'];

/** No action hangs up: the call ends after the last action. Vonage may refuse an empty document. */
const ending = { action: 'wait', timeout: 0.1 };

/** The actions of a document, by the purpose of its request. */
export function ncco(call: AnsweredCall, purpose: CallbackPurpose): object[] {
  const { instructions } = call;
  const next = nextOf(call, purpose);
  const asksForMore = next !== null && isSpoken(instructions);
  const actions = [...instructions.flatMap(actionsFor), ...(asksForMore ? [notify(next)] : [])];
  // The recording that the first document begins goes on.
  const isRecorded = call.record && !isOnlyHungUp(instructions) && !isOfTurn(purpose);
  const recordings = isRecorded ? [recordingFor(call)] : [];
  return [...recordings, ...(actions.length === 0 ? [ending] : actions)];
}

/**
 * Where Vonage requests the next actions after what is spoken; null: the call ends then. Only a call that may leave a
 * message asks for more after its announcement.
 */
function nextOf(call: AnsweredCall, purpose: CallbackPurpose): string | null {
  if (isOfTurn(purpose)) return null;
  if (purpose === 'message') return call.callbackUrl('message_heard');
  return call.voicemail?.action === 'leave_message' ? call.callbackUrl('announcement') : null;
}

/**
 * Its reply replaces the actions of the call: https://developer.vonage.com/en/voice/voice-api/ncco-reference#notify
 */
function notify(url: string): object {
  return { action: 'notify', payload: { spoken: true }, eventUrl: [url], eventMethod: 'POST' };
}

/** How long the call is silent before it is decided again whether it goes on. */
const waitSeconds = 2;

/** The actions after what was spoken. */
export function afterSpeech(call: AnsweredCall, purpose: CallbackPurpose): object[] {
  switch (nextStep(call, purpose)) {
    case 'message':
      return [notify(call.callbackUrl('message'))];
    case 'wait':
      return [{ action: 'wait', timeout: waitSeconds }, notify(call.callbackUrl('announcement'))];
    case 'hang_up':
      return [ending];
  }
}

/**
 * Records beside the next actions, until the call ends:
 * https://developer.vonage.com/en/voice/voice-api/ncco-reference#record
 */
function recordingFor(call: AnsweredCall): object {
  return { action: 'record', format: 'wav', eventUrl: [call.callbackUrl('recording')], eventMethod: 'POST' };
}

function actionsFor(instruction: Instruction): object[] {
  switch (instruction.name) {
    case 'say':
      return talk(instruction);
    case 'connect': {
      const { url, parameters } = instruction;
      const headers = Object.fromEntries(
        Object.entries(parameters).filter(([name]) => streamHeaders.includes(name)),
      );
      const media = { 'content-type': 'audio/l16;rate=16000', headers };
      return [{ action: 'connect', endpoint: [{ type: 'websocket', uri: url, ...media }] }];
    }
    case 'hang_up':
      return [];
    case 'gather':
      return [...instruction.over.flatMap((one) => talk(one, { bargeIn: true })), input(instruction)];
    case 'transfer':
      return [connect(instruction)];
    case 'pause':
      return [{ action: 'wait', timeout: instruction.seconds }];
    case 'go_on':
      return [notify(instruction.url)];
    case 'play':
    case 'relay':
    case 'hand_over':
      return notOffered(instruction);
  }
}

/**
 * Its events are awaited: the reply to one that says that nobody answered replaces the actions of the call. Source:
 * https://developer.vonage.com/en/voice/voice-api/ncco-reference#connect
 */
function connect({ to, from, timeoutSeconds, url }: Extract<Instruction, { name: 'transfer' }>): object {
  return {
    action: 'connect',
    endpoint: [{ type: 'phone', number: withoutPlus(to) }],
    ...(from === null ? {} : { from: withoutPlus(from) }),
    timeout: timeoutSeconds,
    eventType: 'synchronous',
    eventUrl: [url],
    eventMethod: 'POST',
  };
}

/** @param options `bargeIn` only where an `input` follows. */
function talk(say: SayInstruction, options: { bargeIn?: true } = {}): object[] {
  return speechParts(withoutMarkup(say.text), longestTalk).map((text) => ({
    action: 'talk',
    text,
    ...spokenIn(say),
    ...options,
  }));
}

/** Of `startTimeout`, in seconds. */
const shortestSilence = 1;
const longestSilence = 10;

/** https://developer.vonage.com/en/voice/voice-api/ncco-reference#input */
function input({ url, silenceSeconds, language, hints }: Extract<Instruction, { name: 'gather' }>): object {
  const speech = {
    language,
    endOnSilence: 0.8,
    startTimeout: Math.min(longestSilence, Math.max(shortestSilence, silenceSeconds)),
    maxDuration: 30,
    ...(hints.length === 0 ? {} : { context: hints }),
  };
  return { action: 'input', type: ['speech'], eventUrl: [url], eventMethod: 'POST', speech };
}

/** A text that begins with `<speak>` would be read as SSML. */
function withoutMarkup(text: string): string {
  return text.toWellFormed().replace(/[<>]/g, ' ');
}
