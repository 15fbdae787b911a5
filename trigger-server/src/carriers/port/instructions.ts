/** The instructions for an answered call: a list that the carrier carries out in order. */
import type { DograhAnswer, JsonObject } from '@dograh-trigger/shared';
import type { RequestedSpeech } from './speech';

export type Instruction =
  | SayInstruction
  /** Play the sound at this address. */
  | { name: 'play'; url: string }
  /**
   * Listen for speech, and send what was heard to `url`, the report URL of this turn. Nothing heard for
   * `silenceSeconds` (or the nearest time that the carrier offers) is sent as well. `language` is a BCP 47 tag; `hints`
   * are words that are likely to be said. `over` is spoken meanwhile, so the callee may interrupt it.
   */
  | {
      name: 'gather';
      url: string;
      silenceSeconds: number;
      language: string;
      hints: readonly string[];
      over: readonly SayInstruction[];
    }
  /**
   * Talk over a WebSocket to `url` (`wss://`), and report its end to `endUrl`. The rest as of `gather`, and what the
   * voice speaks. `closing`: for a carrier that requests no documents, what is said where the relay breaks off; null: the
   * conversation is over.
   */
  | ({
      name: 'relay';
      url: string;
      endUrl: string;
      listenTo: string;
      hints: readonly string[];
      closing: SayInstruction | null;
    } & RequestedSpeech)
  /** Request the next instructions at this report URL. */
  | { name: 'go_on'; url: string }
  /** Connect the carrier's media stream to `url` (`wss://`), with the parameters the carrier's own way. */
  | { name: 'connect'; url: string; parameters: Record<string, string> }
  /**
   * The carrier's own agent holds the call. `context` is the initial context of the run, without what this server has
   * added.
   */
  | { name: 'hand_over'; to: DograhAnswer; context: JsonObject }
  /**
   * Call this number (E.164), and connect the two. What becomes of it is sent to `url`, the report URL of this turn. `from`:
   * caller ID in E.164; null: the carrier chooses.
   */
  | { name: 'transfer'; to: string; from: string | null; timeoutSeconds: number; url: string }
  /** Stay silent. */
  | { name: 'pause'; seconds: number }
  | { name: 'hang_up' };

/**
 * Speak the text with the carrier's own text-to-speech, with a language and a voice of the provider's `speech`. White
 * space alone is not spoken. A text longer than the carrier's limit is spoken in parts.
 */
export type SayInstruction = { name: 'say'; text: string } & RequestedSpeech;

export type InstructionName = Instruction['name'];

/** Those of a carrier that requests documents, and recognises speech itself. */
export const ofDocuments: readonly InstructionName[] = [
  'say',
  'gather',
  'pause',
  'go_on',
  'transfer',
  'connect',
  'hang_up',
];

/** Whether the carrier speaks in this call. */
export function isSpoken(instructions: readonly Instruction[]): boolean {
  return instructions.some(({ name }) => name === 'say');
}

/** Whether the call holds a conversation, which has not begun by these instructions: its document is requested. */
export function isConversation(instructions: readonly Instruction[]): boolean {
  return instructions.some(({ name }) => name === 'go_on');
}

/** Whether the call is only hung up, as when its run has ended: nothing is spoken. */
export function isOnlyHungUp(instructions: readonly Instruction[]): boolean {
  return instructions.every(({ name }) => name === 'hang_up');
}

/**
 * For an instruction that a provider does not list in `can`. A call that needs one is refused before the dial.
 * @throws Error always.
 */
export function notOffered({ name }: Instruction): never {
  throw new Error(`This carrier was given the instruction '${name}', which its provider does not offer`);
}
