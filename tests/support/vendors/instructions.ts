/** The instructions for an answered call, by answer mode. */
import type { Instruction } from '../../../trigger-server/src/carriers/port/instructions';
import type { RequestedSpeech } from '../../../trigger-server/src/carriers/port/speech';

export type Instructions = readonly Instruction[];

/** @param speech language and voice; by default neither is named. */
export function announcement(text: string, speech: Partial<RequestedSpeech> = {}): Instructions {
  return [{ name: 'say', text, language: null, voice: null, ...speech }, { name: 'hang_up' }];
}

export function streamTo(url: string, parameters: Record<string, string>): Instructions {
  return [{ name: 'connect', url, parameters }];
}

/** The instructions of a run that has ended. */
export const hungUp: Instructions = [{ name: 'hang_up' }];
